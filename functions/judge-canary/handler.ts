import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { JudgeCanaryInput } from '../../shared/contracts/rollout-workflow.ts';
import { type CanaryVerdict, detectableHarm, judgeCanary } from '../../shared/core/deployment/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ServingMetrics } from '../../shared/ports/serving-functions.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly registry: ModelRegistry;
  readonly metrics: ServingMetrics;
  readonly clock: Clock;
}

interface Output extends CanaryVerdict {
  readonly canaryRequestCount: number;
  readonly championRequestCount: number;
  /** Smallest added share of failures that this step would have caught with 80 % probability. */
  readonly detectableHarm: number;
}

/** A person did meanwhile what there is to decide. */
const rolledBack = (reason = 'it was rolled back'): Output => ({
  decision: 'roll back',
  reason,
  errorShareIncrease: 0,
  errorShareIncreaseLower: 0,
  canaryRequestCount: 0,
  championRequestCount: 0,
  detectableHarm: 1,
});

/** Reads what both versions did since the step began and judges it. Reads only: repeating it is safe. */
export const createHandler =
  ({ definitions, registry, metrics, clock }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, rolloutId, functionName, stepStartedAtMs } = parse(JudgeCanaryInput, event);
    const { maxErrorShareIncrease } = definitionOf(definitions, model).deployment;
    const rollout = await registry.getRollout(model, rolloutId);
    if (rollout?.status === 'ROLLED_BACK') return rolledBack(rollout.reason);
    if (rollout?.lambdaVersion === undefined)
      throw new InvalidStateError(`rollout ${rolloutId} of ${model} has no published version`);
    const count = (lambdaVersion: string) =>
      metrics.countRequests({ functionName, lambdaVersion, fromMs: stepStartedAtMs, toMs: clock.nowMs() });
    const [canary, before] = await Promise.all([count(rollout.lambdaVersion), count(rollout.previousLambdaVersion)]);
    // Without a champion the version before only answers that no model is in service: nothing to compare with.
    const champion = rollout.previousVersion === undefined ? undefined : before;

    const verdict = judgeCanary({ canary, ...(champion ? { champion } : {}), maxErrorShareIncrease });
    const requests = { canaryRequestCount: canary.requestCount, championRequestCount: champion?.requestCount ?? 0 };
    return { ...verdict, ...requests, detectableHarm: detectableHarm({ ...requests, maxErrorShareIncrease }) };
  };
