import type { RoutingItems } from '../../shared/adapters/dynamodb/routing-items.ts';
import type { Sha256 } from '../../shared/core/audit/index.ts';
import { planAt, planDigest, planFault, type RoutingPlan } from '../../shared/core/routing/index.ts';
import { errorFields, logLine } from '../../shared/kernel/log.ts';
import type { Clock } from '../../shared/ports/clock.ts';

/** The plan is not what the audit log says that was written: nothing is routed by it. */
export class TamperedPlanError extends Error {
  override readonly name = 'TamperedPlanError';
}

class PlanTimeoutError extends Error {
  override readonly name = 'PlanTimeoutError';
}

interface Deps {
  readonly model: string;
  readonly items: Pick<RoutingItems, 'plan' | 'record'>;
  readonly sha256: Sha256;
  readonly clock: Clock;
  /** How old the plan in use may be. */
  readonly ttlMs: number;
  /** Longest that a request waits for a newer one while there is an older one. */
  readonly limitMs: number;
}

/** After a plan that could not be read, how long the one in use is used on. */
const RETRY_MS = 1_000;

interface Held {
  readonly plan: RoutingPlan;
  readonly digest: string;
}

/**
 * The plan that requests are divided by: at most `ttlMs` old, and verified against the audit log whenever it changed. If
 * the table does not answer, or says what the log does not, the last good plan is used on and asked about anew each
 * second; an environment that never had one fails its requests.
 */
export const createPlanSource = (deps: Deps): (() => Promise<RoutingPlan>) => {
  const { model, items, sha256, clock, ttlMs, limitMs } = deps;
  let held: Held | undefined;
  let goodUntilMs = 0;
  let reading: Promise<Held> | undefined;

  const read = async (): Promise<Held> => {
    const stored = await items.plan(model);
    if (stored === undefined) throw new TamperedPlanError(`${model} has no routing plan`);
    const digest = planDigest(stored.plan, sha256);
    if (digest === held?.digest) return held;
    const record = await items.record(model, stored.auditSeq);
    const fault = planFault(model, stored, record, sha256);
    if (fault !== undefined) throw new TamperedPlanError(`the routing plan of ${model}: ${fault}`);
    // Read out of order, an older one is no news.
    if (held !== undefined && stored.plan.revision < held.plan.revision) return held;
    return { plan: stored.plan, digest };
  };

  const refresh = (): Promise<Held> => {
    reading ??= read()
      .then((fresh) => {
        held = fresh;
        goodUntilMs = clock.nowMs() + ttlMs;
        return fresh;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };

  const refreshInTime = async (): Promise<Held> => {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new PlanTimeoutError(`no answer in ${limitMs} ms`)), limitMs);
    });
    try {
      return await Promise.race([refresh(), limit]);
    } finally {
      clearTimeout(timer);
    }
  };

  const keep = async (standing: Held): Promise<Held> => {
    try {
      return await refreshInTime();
    } catch (error) {
      goodUntilMs = clock.nowMs() + RETRY_MS;
      logLine('error', 'routing plan was not read; the last one is used on', { model, ...errorFields(error) });
      return standing;
    }
  };

  // From the cold start on; whoever asks first hears what went wrong.
  refresh().catch(() => undefined);

  return async () => {
    const nowMs = clock.nowMs();
    const known = held;
    if (known === undefined) return planAt((await refresh()).plan, nowMs);
    return planAt((nowMs < goodUntilMs ? known : await keep(known)).plan, nowMs);
  };
};
