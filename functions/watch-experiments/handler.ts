import * as v from 'valibot';
import { embeddedMetrics } from '../../shared/contracts/embedded-metrics.ts';
import { EXPERIMENT_METRIC_NAMES } from '../../shared/contracts/metric-names.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type EndedExperiment, experimentOf, type RoutingPlan } from '../../shared/core/routing/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import type { RoutingPlans } from '../../shared/ports/routing-plans.ts';
import { type CaptureDeps, countLines } from './count-lines.ts';

interface Deps extends CaptureDeps {
  readonly stage: string;
  readonly plans: Pick<RoutingPlans, 'get'>;
}

const Input = v.object({ model: v.string() });

export interface WatchedExperiment {
  /** Absent where none runs, and none ended since the day before. */
  readonly experimentId?: string;
  readonly unitCount: number;
  readonly skewed: boolean;
}

/** What was captured of an experiment has come, and was looked at once more. */
const LAST_LOOK_MS = 2 * DAY_MS;

const watchedOf = (plan: RoutingPlan | undefined, nowMs: number): EndedExperiment | undefined => {
  if (plan?.experiment?.kind === 'a/b') return experimentOf(plan, plan.experiment.experimentId);
  const last = plan?.lastExperiment;
  return last !== undefined && nowMs < last.endedAtMs + LAST_LOOK_MS ? last : undefined;
};

/**
 * Looks whether the versions of a model's A/B experiment get the shares that they should, and says so as a metric. It
 * writes nothing else: run again, it says the same.
 */
export const createHandler =
  (deps: Deps) =>
  async (event: unknown): Promise<WatchedExperiment> => {
    const { model } = parse(Input, event);
    const atMs = deps.clock.nowMs();
    const experiment = watchedOf(await deps.plans.get(model), atMs);
    if (experiment === undefined) return { unitCount: 0, skewed: false };
    const { experimentId, results, sampleRatio, complete } = await countLines(deps, model, experiment);
    const metrics = { [EXPERIMENT_METRIC_NAMES.sampleRatioEvidence]: Math.max(0, Math.log10(sampleRatio.eValue)) };
    const units = Object.fromEntries(results.map(({ version, unitCount }) => [String(version), unitCount]));
    console.log(
      embeddedMetrics({ stage: deps.stage, model, atMs, metrics, properties: { experimentId, units, complete } }),
    );
    const unitCount = results.reduce((sum, result) => sum + result.unitCount, 0);
    return { experimentId, unitCount, skewed: sampleRatio.skewed };
  };
