import { MINUTE_MS } from '../../../shared/kernel/time.ts';
import type { TimerHandle } from '../contracts.ts';
import { type Situation, scaledIn, scaledOut } from './decide-capacity.ts';
import { policiesOf, type ScalableTarget, type Scaling, type ScalingPolicy } from './records.ts';
import type { ScalingBook, ScalingDeps } from './scaling-book.ts';
import { isAlwaysReported, LOW_AFTER_MS, metricOf } from './tracking-alarms.ts';

/** Whole minutes that are looked back for the metric's last value. */
const LOOK_BACK = 3;

interface Value {
  readonly value: number;
  readonly valueFromMs: number;
}

interface Change {
  readonly count: number;
  readonly direction: Scaling['direction'];
  readonly cause: string;
}

type State = Omit<ScalingDeps, 'context'> & Pick<ScalingDeps['context'], 'clock'>;

/** The last minute that is whole; undefined where nothing is known. */
const lastValue = ({ alarms }: State, policy: ScalingPolicy, nowMs: number): Value | undefined => {
  const endMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const values = alarms.values(metricOf(policy), { startMs: endMs - LOOK_BACK * MINUTE_MS, endMs });
  const lastMs = endMs - MINUTE_MS;
  if (isAlwaysReported(policy.tracking)) return { value: values.get(lastMs) ?? 0, valueFromMs: lastMs };
  const [newest] = [...values].sort(([a], [b]) => b - a);
  return newest && { value: newest[1], valueFromMs: newest[0] };
};

const rings = ({ alarms }: State, alarm: string): boolean => alarms.stateOf(alarm) === 'ALARM';

/**
 * Any policy may scale out, and the one that wants most does; all must agree to scale in. One whose metric has never been
 * told of says nothing: what processors do is not measured here.
 */
const decide = (state: State, target: ScalableTarget): Change | undefined => {
  const { tables, services, clock } = state;
  const service = services.read(target.resourceId);
  if (service === undefined) return undefined;
  const nowMs = clock.nowMs();
  const known = policiesOf(tables, target.resourceId).flatMap((policy) => {
    const last = lastValue(state, policy, nowMs);
    if (last === undefined) return [];
    const { tracking } = policy;
    const situation: Situation = { target, tracking, capacity: service.desiredCount, ...last, nowMs };
    return [{ policy, situation }];
  });
  const outs = known
    .filter(({ policy }) => rings(state, policy.highAlarm))
    .flatMap(({ policy, situation }) => {
      const count = scaledOut(situation);
      return count === undefined ? [] : [{ count, direction: 'out', cause: policy.highAlarm } as const];
    });
  const most = outs.toSorted((a, b) => b.count - a.count)[0];
  if (most !== undefined) return most;
  const scaleIn = known.filter(({ policy }) => !policy.tracking.scaleInDisabled);
  // Of a deployment on its way nothing is taken away.
  if (service.deploying || scaleIn.length === 0) return undefined;
  const isLow = ({ createdAtMs, lowAlarm }: ScalingPolicy): boolean =>
    nowMs - createdAtMs >= LOW_AFTER_MS && rings(state, lowAlarm);
  if (!scaleIn.every(({ policy }) => isLow(policy))) return undefined;
  const ins = scaleIn.map(({ policy, situation }) => ({ policy, count: scaledIn(situation) }));
  const [least] = ins.toSorted((a, b) => (b.count ?? Infinity) - (a.count ?? Infinity));
  return least?.count === undefined ? undefined : { count: least.count, direction: 'in', cause: least.policy.lowAlarm };
};

/**
 * Acts on the alarms of policies: when one begins to ring, and each minute while it rings and there is something left to
 * do, as AWS goes on to call a policy. A target that has nothing to do asks for no time.
 */
export const createTargetTracking = (deps: ScalingDeps, book: () => Pick<ScalingBook, 'setCapacity'>) => {
  const { context, tables, services } = deps;
  const { clock } = context;
  const state: State = { ...deps, clock };
  const timers = new Map<string, TimerHandle>();

  const mayScale = ({ resourceId, min, max, suspended }: ScalableTarget): boolean => {
    const capacity = services.read(resourceId)?.desiredCount;
    if (capacity === undefined) return false;
    return policiesOf(tables, resourceId).some(
      ({ highAlarm, lowAlarm }) =>
        (rings(state, highAlarm) && capacity < max && !suspended.scaleOut) ||
        (rings(state, lowAlarm) && capacity > min && !suspended.scaleIn),
    );
  };

  const look = (resourceId: string): void => {
    timers.get(resourceId)?.cancel();
    timers.delete(resourceId);
    const target = tables.targets.get(resourceId);
    if (target === undefined) return;
    const change = decide(state, target);
    if (change !== undefined) {
      const { count, direction, cause } = change;
      const fromCapacity = services.read(resourceId)?.desiredCount ?? count;
      const lastScaling = { direction, fromCapacity, atMs: clock.nowMs() };
      tables.targets.put(resourceId, { ...target, lastScaling });
      book().setCapacity(resourceId, count, `monitor alarm ${cause} in state ALARM triggered policy`);
    }
    if (!mayScale(target)) return;
    timers.set(
      resourceId,
      clock.at(clock.nowMs() + MINUTE_MS, `scaling of ${resourceId}`, () => look(resourceId)),
    );
  };

  return {
    look,
    start: (): void => {
      for (const [resourceId] of tables.targets.entries()) look(resourceId);
    },
  };
};
