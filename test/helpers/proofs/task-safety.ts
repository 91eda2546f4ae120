import type { Machine, MachineDefinition, State } from './state-graph.ts';

/** What every Task must have, so that no execution hangs, gives up at the first hiccup, or fails unseen. */

/** The way of those that have no failure to tell, where the machine keeps one and goes on. */
const WITHOUT_FAILURE = '{% $failure = null %}';

const terminalsFrom = (
  { States }: MachineDefinition,
  { Next: first, Assign }: NonNullable<State['Catch']>[number],
): readonly State[] => {
  const keepsFailure = Assign?.failure !== undefined;
  const seen = new Set([first]);
  for (const name of seen) {
    const state = States[name];
    const open = (state?.Choices ?? []).filter(({ Condition }) => !(keepsFailure && Condition === WITHOUT_FAILURE));
    const next = [
      state?.Next,
      state?.Default,
      ...open.map((choice) => choice.Next),
      ...(state?.Catch ?? []).map((catcher) => catcher.Next),
    ];
    for (const target of next) if (target !== undefined) seen.add(target);
  }
  return [...seen].flatMap((name) => {
    const state = States[name];
    return state && (state.End === true || state.Type === 'Succeed' || state.Type === 'Fail') ? [state] : [];
  });
};

const catchBreach = (definition: MachineDefinition, state: State): string | undefined => {
  const all = state.Catch?.find(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
  if (all === undefined) return 'catches not every error';
  const terminals = terminalsFrom(definition, all);
  const good = terminals.find(({ Type }) => Type !== 'Fail');
  if (good !== undefined || terminals.length === 0) return `may succeed after ${all.Next}, where its failures go`;
  return undefined;
};

const retryBreach = ({ Retry = [] }: State): string | undefined => {
  const named = Retry.filter(({ ErrorEquals }) => ErrorEquals.every((error) => error !== 'States.ALL'));
  if (named.length === 0) return 'retries no error by name';
  const endless = Retry.find(({ MaxAttempts }) => MaxAttempts === undefined || MaxAttempts < 1);
  return endless === undefined ? undefined : `retries ${endless.ErrorEquals.join()} without MaxAttempts`;
};

/** What is wrong with the Tasks of machines: `<machine>/<state> <breach>`. */
export const taskBreaches = (machines: readonly Machine[]): readonly string[] =>
  machines.flatMap(({ name, definition }) =>
    Object.entries(definition.States).flatMap(([stateName, state]) => {
      if (state.Type !== 'Task') return [];
      const breaches = [
        state.TimeoutSeconds === undefined ? 'has no TimeoutSeconds' : undefined,
        retryBreach(state),
        catchBreach(definition, state),
      ];
      return breaches.flatMap((breach) => (breach === undefined ? [] : [`${name}/${stateName} ${breach}`]));
    }),
  );
