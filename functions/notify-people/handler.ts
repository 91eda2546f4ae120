import type { Definitions } from '../../shared/contracts/definitions.ts';
import { hear, type ModelAlarm, type NotificationTarget } from '../../shared/core/notifications/index.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import { createEndOrRemind } from './end-or-remind.ts';
import { readHappening } from './read-happening.ts';
import { createTellPeople, type TellPeopleDeps } from './tell-people.ts';

interface Deps extends TellPeopleDeps {
  readonly definitions: Definitions;
  /** The stage's own, which hears what neither an alarm nor a rule puts on its topic. */
  readonly stageTarget: NotificationTarget;
  /** By name. */
  readonly alarms: ReadonlyMap<string, ModelAlarm>;
  readonly newId: () => string;
}

interface Output {
  readonly toldCount: number;
}

/** Longer than an invocation takes. */
const LEASE_MS = MINUTE_MS;

/**
 * Tells people what happens to models: once an episode, whatever events and alarms belong to it, and severe ones again
 * each day until somebody acknowledges them or they are over. Delivered twice, an event changes nothing the second time.
 */
export const createHandler = ({ definitions, stageTarget, alarms, newId, ...deps }: Deps) => {
  const { store, clock } = deps;
  const tellPeople = createTellPeople(deps);
  const targetsOf = (model: string): readonly NotificationTarget[] => [
    stageTarget,
    ...(definitions.get(model)?.notifications ?? []),
  ];

  const endOrRemind = createEndOrRemind({ store, targetsOf, tellPeople });

  return async (event: unknown): Promise<Output> => {
    const nowMs = clock.nowMs();
    const lease = { holder: newId(), nowMs, untilMs: nowMs + LEASE_MS };
    const happening = readHappening(event, alarms);
    if (happening.kind === 'nothing') return { toldCount: 0 };
    if (happening.kind === 'day') {
      return { toldCount: await endOrRemind(happening, lease) };
    }
    if (happening.kind === 'over') {
      await store.change(happening, (standing) => standing && happening.end(standing));
      return { toldCount: 0 };
    }
    const { heard } = happening;
    const record = await store.change(heard, (standing) => hear(standing, heard, targetsOf(heard.model), lease));
    return { toldCount: record === undefined ? 0 : await tellPeople(record, lease) };
  };
};
