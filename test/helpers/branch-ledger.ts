import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Definition } from './synthesised-workflows.ts';

/**
 * Which ways out of the states of a definition the tests have gone: every rule and the default of a Choice, every
 * catcher, and every retrier until it was exhausted. The ways are read from the definition, the visits from the
 * histories of executions, by the rules of the Amazon States Language written down here once more: what the
 * interpreter does must agree with them.
 */
export interface BranchLedger {
  /** Notes what an execution went through. @throws when its history does not follow from the definition. */
  note(history: readonly HistoryEvent[]): void;
  /** Ways that no execution went, such as `Smoke test: Catch[0]`. */
  unvisited(): readonly string[];
}

interface Rule {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts?: number;
  readonly Next?: string;
}

interface LedgerState {
  readonly Type: string;
  readonly Next?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Default?: string;
  readonly Retry?: readonly Rule[];
  readonly Catch?: readonly Rule[];
}

interface Visit {
  readonly state: string;
  /** Names of the errors of its attempts, in order. */
  readonly errors: readonly string[];
  /** The state entered next; undefined at the end of the execution. */
  readonly next: string | undefined;
}

const DEFAULT_ATTEMPTS = 3;

const waysOf = (name: string, state: LedgerState): readonly string[] => [
  ...(state.Choices ?? []).map((_, i) => `${name}: Choices[${i}]`),
  ...(state.Default === undefined ? [] : [`${name}: Default`]),
  ...(state.Retry ?? []).map((_, i) => `${name}: Retry[${i}] exhausted`),
  ...(state.Catch ?? []).map((_, i) => `${name}: Catch[${i}]`),
];

const matches = ({ ErrorEquals: names }: Rule, error: string): boolean => {
  if (names.includes(error)) return true;
  if (error === 'States.Runtime' || error === 'States.DataLimitExceeded') return false;
  return names.includes('States.ALL') || (names.includes('States.TaskFailed') && error !== 'States.Timeout');
};

/** The error that an event tells of, whichever kind of event it is. */
const errorOf = (event: HistoryEvent): string | undefined => {
  if (!/^(Task|LambdaFunction|Evaluation)(Failed|SubmitFailed|TimedOut)$/.test(event.type ?? '')) return undefined;
  const details = Object.values(event).find((value) => typeof value === 'object' && 'error' in value);
  return (details as { readonly error: string }).error;
};

const visitsOf = (history: readonly HistoryEvent[]): readonly Visit[] => {
  const visits: { state: string; errors: string[]; next: string | undefined }[] = [];
  for (const event of history) {
    const entered = event.stateEnteredEventDetails?.name;
    const current = visits.at(-1);
    if (entered !== undefined) {
      if (current) current.next = entered;
      visits.push({ state: entered, errors: [], next: undefined });
    }
    const error = errorOf(event);
    if (error !== undefined) current?.errors.push(error);
  }
  return visits;
};

const disagree = (visit: Visit, why: string): Error =>
  new Error(`the history disagrees with the definition at ${JSON.stringify(visit)}: ${why}`);

const choiceWay = (visit: Visit, state: LedgerState): string => {
  const targets = [...(state.Choices ?? []).map(({ Next }) => Next), state.Default];
  if (new Set(targets).size < targets.length) throw disagree(visit, 'two rules go to one state: tell them apart first');
  const index = targets.indexOf(visit.next);
  if (index < 0) throw disagree(visit, 'no rule goes there');
  return index === targets.length - 1 ? `${visit.state}: Default` : `${visit.state}: Choices[${index}]`;
};

const catchWay = (visit: Visit, state: LedgerState, error: string): readonly string[] => {
  const index = (state.Catch ?? []).findIndex((rule) => matches(rule, error));
  const target = state.Catch?.[index]?.Next;
  if (target !== visit.next) throw disagree(visit, `${error} leads to ${target ?? 'the end of the execution'}`);
  return index < 0 ? [] : [`${visit.state}: Catch[${index}]`];
};

/** The ways of a Task: retriers that gave up, and the catcher of the last error. */
const taskWays = (visit: Visit, state: LedgerState): readonly string[] => {
  const made = new Map<number, number>();
  for (const [position, error] of visit.errors.entries()) {
    const index = (state.Retry ?? []).findIndex((rule) => matches(rule, error));
    const count = made.get(index) ?? 0;
    const limit = state.Retry?.[index]?.MaxAttempts ?? DEFAULT_ATTEMPTS;
    if (index >= 0 && count < limit) {
      made.set(index, count + 1);
      continue;
    }
    if (position < visit.errors.length - 1) throw disagree(visit, `${error} ends the state, yet it was tried again`);
    const exhausted = index < 0 ? [] : [`${visit.state}: Retry[${index}] exhausted`];
    return [...exhausted, ...catchWay(visit, state, error)];
  }
  if (visit.next !== state.Next) throw disagree(visit, `success leads to ${state.Next ?? 'the end'}`);
  return [];
};

/** Opens the ledger of a definition without Parallel and Map states, whose histories interleave. */
export const createBranchLedger = (
  definition: Definition,
  only: (state: string) => boolean = () => true,
): BranchLedger => {
  const states = definition.States as unknown as Readonly<Record<string, LedgerState>>;
  const nested = Object.entries(states).find(([, { Type }]) => Type === 'Parallel' || Type === 'Map');
  if (nested) throw new Error(`the ledger reads flat definitions only, ${nested[0]} has states inside`);
  const open = new Set(
    Object.entries(states)
      .filter(([name]) => only(name))
      .flatMap(([name, state]) => waysOf(name, state)),
  );
  return {
    note: (history) => {
      for (const visit of visitsOf(history)) {
        const state = states[visit.state] as LedgerState;
        if (state.Type === 'Choice') open.delete(choiceWay(visit, state));
        if (state.Type === 'Task') for (const way of taskWays(visit, state)) open.delete(way);
      }
    },
    unvisited: () => [...open],
  };
};
