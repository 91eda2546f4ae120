import { REFERENCE_PROFILE_FILE } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { type FoldItem, PlanFoldsInput } from '../../shared/contracts/drift-workflow.ts';
import { embeddedMetrics } from '../../shared/contracts/embedded-metrics.ts';
import { METRIC_NAMES } from '../../shared/contracts/metric-names.ts';
import { DRIFT_REFERENCE_FILE } from '../../shared/contracts/monitoring-keys.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { interpretPlan } from '../../shared/core/monitoring/index.ts';
import { requirePackaged } from '../../shared/core/registry/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';
import { type Captures, firstArrivalDay, pendingHours } from './pending-hours.ts';
import { planItems } from './plan-items.ts';

interface Deps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly registry: Pick<ModelRegistry, 'getDeployment' | 'getVersion'>;
  readonly data: Captures;
  readonly files: Pick<VersionFiles, 'read'>;
  readonly clock: Clock;
}

interface Planned {
  readonly outcome: 'planned';
  readonly version: number;
  readonly package: { readonly artifactPrefix: string; readonly manifestDigest: string };
  readonly items: readonly FoldItem[];
}

/**
 * Finds the captured objects of the window, and of the day before it, that the bins of the version in service have not
 * counted yet, and divides them among invocations. A new version has bins of its own: its first check folds the window anew.
 */
export const createHandler =
  ({ stage, definitions, registry, data, files, clock }: Deps) =>
  async (event: unknown): Promise<Planned | { readonly outcome: 'no model in service' }> => {
    const { model, scheduledAt } = parse(PlanFoldsInput, event);
    const { windowDays } = definitionOf(definitions, model).monitors;
    const deployment = await registry.getDeployment(model);
    console.log(embeddedMetrics({ stage, model, atMs: clock.nowMs(), metrics: { [METRIC_NAMES.driftCheckRan]: 1 } }));
    if (deployment === undefined) return { outcome: 'no model in service' };
    const { version } = deployment;
    const packaged = requirePackaged(await registry.getVersion(model, version), 'profiled');
    const plan = await interpretPlan(await files.read(packaged, DRIFT_REFERENCE_FILE), () =>
      files.read(packaged, REFERENCE_PROFILE_FILE),
    );
    const fromDay = firstArrivalDay(Date.parse(scheduledAt), windowDays);
    const hours = await pendingHours(data, { model, foldId: plan.id, fromDay });
    const { artifactPrefix, manifestDigest } = packaged;
    return { outcome: 'planned', version, package: { artifactPrefix, manifestDigest }, items: planItems(hours) };
  };
