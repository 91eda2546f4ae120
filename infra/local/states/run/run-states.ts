import type { JsonValue } from '../../../../shared/kernel/json.ts';
import { isTimestamp } from '../definition/timestamp.ts';
import type { ChoiceState, FailState, PassState, State, SucceedState, WaitState } from '../definition/types.ts';
import { Cancelled, StateFailure } from '../failure.ts';
import { evaluateBoolean, evaluateNumber, evaluateString } from '../query/evaluate.ts';
import { type Frame, type Position, positionAt, queryScope, record, type Visit } from './frame.ts';
import { describeFailure, runGuarded } from './guard.ts';
import { evaluateLeaving, leaveState, type Outcome } from './leave-state.ts';
import { payloadText } from './limits.ts';
import { runMap } from './run-map.ts';
import { runParallel } from './run-parallel.ts';
import { runTask } from './run-task.ts';

const LONGEST_WAIT_SECONDS = 99_999_999;

const leaveTo = async (
  visit: Visit,
  state: PassState | WaitState | SucceedState | ChoiceState,
  leaving: Parameters<typeof evaluateLeaving>[0],
  next: string | undefined,
): Promise<Outcome> => {
  const evaluated = await evaluateLeaving(leaving, visit.position().input, queryScope(visit));
  leaveState(visit, state.Type, evaluated);
  return { output: evaluated.output, ...(next === undefined ? {} : { next }) };
};

const wakeTime = async (state: WaitState, visit: Visit): Promise<number> => {
  const scope = queryScope(visit);
  const enteredMs = visit.position().enteredMs;
  if (state.Seconds !== undefined) {
    const bounds = { min: 0, max: LONGEST_WAIT_SECONDS };
    return enteredMs + (await evaluateNumber(state.Seconds, 'Seconds', scope, bounds)) * 1000;
  }
  const timestamp = await evaluateString(state.Timestamp ?? '', 'Timestamp', scope);
  if (isTimestamp(timestamp)) return Date.parse(timestamp);
  throw new StateFailure('States.QueryEvaluationError', `The timestamp '${timestamp}' is not ISO 8601.`, 'Timestamp');
};

const runWait = async (state: WaitState, visit: Visit): Promise<Outcome> => {
  const wakeAtMs = visit.position().wakeAtMs ?? (await wakeTime(state, visit));
  visit.update({ wakeAtMs });
  const { strand, runtime } = visit.frame;
  if (wakeAtMs > runtime.clock.nowMs()) await strand.sleepUntil(wakeAtMs, `wait ${visit.name}`);
  return leaveTo(visit, state, state, state.Next);
};

const runChoice = async (state: ChoiceState, visit: Visit): Promise<Outcome> => {
  const scope = queryScope(visit);
  for (const [i, rule] of state.Choices.entries()) {
    if (!(await evaluateBoolean(rule.Condition, `Choices[${i}]/Condition`, scope))) continue;
    return leaveTo(visit, state, rule, rule.Next);
  }
  if (state.Default === undefined) {
    throw new StateFailure('States.NoChoiceMatched', `No choice rule of the state '${visit.name}' matched.`);
  }
  return leaveTo(visit, state, state, state.Default);
};

const runFail = async (state: FailState, visit: Visit): Promise<never> => {
  const scope = queryScope(visit);
  const error = state.Error === undefined ? undefined : await evaluateString(state.Error, 'Error', scope);
  const cause = state.Cause === undefined ? undefined : await evaluateString(state.Cause, 'Cause', scope);
  throw new StateFailure(error, cause);
};

const runState = (state: State, visit: Visit): Promise<Outcome> => {
  switch (state.Type) {
    case 'Pass':
      return leaveTo(visit, state, state, state.Next);
    case 'Succeed':
      return leaveTo(visit, state, state, undefined);
    case 'Wait':
      return runWait(state, visit);
    case 'Choice':
      return runChoice(state, visit);
    case 'Fail':
      return runFail(state, visit);
    case 'Task':
      return runGuarded(state, visit, () => runTask(state, visit));
    case 'Parallel':
      return runGuarded(state, visit, () => runParallel(state, visit));
    case 'Map':
      return runGuarded(state, visit, () => runMap(state, visit));
  }
};

const saveAt = (frame: Frame, position: Position): void =>
  frame.save?.({ ...position, variables: frame.variables, lastEventId: frame.lastEventId });

const enter = (frame: Frame, state: State, position: Position): Position => {
  const enteredEventId = record(frame, `${state.Type}StateEntered`, 'stateEnteredEventDetails', {
    name: position.state,
    input: payloadText(position.input, `The input of the state '${position.state}'`),
    inputDetails: { truncated: false },
  });
  return { ...position, entered: true, enteredMs: frame.runtime.clock.nowMs(), enteredEventId };
};

/** States that were under way when a sibling failed leave an event, as on AWS. */
const ABORTABLE = new Set(['Task', 'Wait', 'Parallel', 'Map']);

/** Visits one state; on a restart the position says that it was entered before. */
const visitState = async (frame: Frame, start: Position): Promise<Outcome> => {
  const state = frame.states[start.state];
  if (!state) throw new StateFailure('States.Runtime', `state '${start.state}' does not exist`);
  let position = start;
  if (!start.entered) {
    position = frame.runtime.transaction(() => {
      const entered = enter(frame, state, start);
      saveAt(frame, entered);
      return entered;
    });
  }
  const visit: Visit = {
    frame,
    name: start.state,
    position: () => position,
    update: (change) => {
      position = { ...position, ...change };
      saveAt(frame, position);
    },
    note: (change) => {
      position = { ...position, ...change };
    },
  };
  try {
    return await runState(state, visit);
  } catch (error) {
    const failure = describeFailure(error, visit);
    if (failure instanceof Cancelled && failure.reason === 'sibling' && ABORTABLE.has(state.Type)) {
      record(frame, `${state.Type}StateAborted`);
    }
    throw failure;
  }
};

/**
 * Runs states from a position to the end of the graph. Bounded by the history's limit.
 * @returns the output of the last state. @throws StateFailure, Cancelled
 */
export const runStates = async (frame: Frame, start: Position): Promise<JsonValue> => {
  let position = start;
  for (;;) {
    frame.strand.check();
    const { output, next } = await visitState(frame, position);
    if (next === undefined) return output;
    position = positionAt(next, output);
  }
};
