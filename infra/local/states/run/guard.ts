import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { Catcher, GuardedState, Retrier } from '../definition/types.ts';
import { Cancelled, matchesError, StateFailure } from '../failure.ts';
import { queryScope, type Visit } from './frame.ts';
import { type Evaluated, evaluateLeaving, leaveState, type Outcome } from './leave-state.ts';

const DEFAULTS = { intervalSeconds: 1, maxAttempts: 3, backoffRate: 2 };

/** When the next attempt is due after `attemptsMade` retries of this retrier, in milliseconds from now. */
export const retryDelayMs = (retrier: Retrier, attemptsMade: number, random: () => number): number => {
  const interval = retrier.IntervalSeconds ?? DEFAULTS.intervalSeconds;
  const backedOff = interval * (retrier.BackoffRate ?? DEFAULTS.backoffRate) ** attemptsMade;
  const capped = Math.min(backedOff, retrier.MaxDelaySeconds ?? Number.POSITIVE_INFINITY);
  const seconds = retrier.JitterStrategy === 'FULL' ? random() * capped : capped;
  return Math.round(seconds * 1000);
};

/** Whatever was thrown, as a failure with a name. Bugs of ours end the execution and are logged. */
export const toFailure = (error: unknown, visit: Visit): StateFailure | Cancelled => {
  if (error instanceof StateFailure || error instanceof Cancelled) return error;
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  visit.frame.runtime.ports.log({
    level: 'error',
    message: 'state failed unexpectedly',
    state: visit.name,
    error: message,
  });
  return new StateFailure('States.Runtime', error instanceof Error ? error.message : String(error));
};

/** Prefixes an evaluation error as AWS does, and writes its event. */
const describe = (failure: StateFailure, visit: Visit): StateFailure => {
  if (failure.location === undefined || failure.errorName !== 'States.QueryEvaluationError') return failure;
  const { frame, name } = visit;
  const entered = visit.position().enteredEventId;
  const cause = `An error occurred while executing the state '${name}' (entered at the event id #${entered}). ${failure.causeText ?? ''}`;
  frame.lastEventId = frame.history.add(frame.lastEventId, 'EvaluationFailed', 'evaluationFailedEventDetails', {
    error: failure.errorName,
    cause,
    location: failure.location,
    state: name,
  });
  return new StateFailure(failure.errorName, cause);
};

/** The failure to end with when nothing may catch it. */
export const describeFailure = (error: unknown, visit: Visit): StateFailure | Cancelled => {
  const failure = toFailure(error, visit);
  return failure instanceof Cancelled ? failure : describe(failure, visit);
};

/** Schedules the next attempt if a retrier matches and has attempts left. */
const planRetry = (state: GuardedState, failure: StateFailure, visit: Visit): boolean => {
  const index = (state.Retry ?? []).findIndex((retrier) => matchesError(retrier.ErrorEquals, failure.errorName ?? ''));
  const retrier = state.Retry?.[index];
  if (!retrier) return false;
  const { retries, retryCount } = visit.position();
  const made = retries[index] ?? 0;
  if (made >= (retrier.MaxAttempts ?? DEFAULTS.maxAttempts)) return false;
  const { clock, environment } = visit.frame.runtime;
  const counts = (state.Retry ?? []).map((_, i) => (retries[i] ?? 0) + (i === index ? 1 : 0));
  const retryAtMs = clock.nowMs() + retryDelayMs(retrier, made, environment.random);
  visit.update({ retries: counts, retryCount: retryCount + 1, retryAtMs });
  return true;
};

const followCatcher = async (
  state: GuardedState,
  catcher: Catcher,
  failure: StateFailure,
  visit: Visit,
): Promise<Outcome> => {
  const errorOutput = { Error: failure.errorName ?? '', Cause: failure.causeText ?? '' };
  const evaluated = await evaluateLeaving(catcher, errorOutput, queryScope(visit, { errorOutput }));
  leaveState(visit, state.Type, evaluated);
  return { output: evaluated.output, next: catcher.Next };
};

const succeed = (state: GuardedState, visit: Visit, evaluated: Evaluated): Outcome => {
  leaveState(visit, state.Type, evaluated);
  return { output: evaluated.output, ...(state.Next === undefined ? {} : { next: state.Next }) };
};

/**
 * Runs a Task, Parallel or Map state with its Retry and Catch. The number of rounds is bounded by the retriers'
 * MaxAttempts and by the length of the history.
 */
export const runGuarded = async (
  state: GuardedState,
  visit: Visit,
  attempt: () => Promise<JsonValue>,
): Promise<Outcome> => {
  const { strand } = visit.frame;
  for (;;) {
    const { retryAtMs } = visit.position();
    if (retryAtMs !== undefined) {
      await strand.sleepUntil(retryAtMs, `retry ${visit.name}`);
      visit.update({ retryAtMs: undefined });
    }
    let failure: StateFailure;
    try {
      const result = await attempt();
      const evaluated = await evaluateLeaving(state, result, queryScope(visit, { result }));
      return succeed(state, visit, evaluated);
    } catch (error) {
      const described = describeFailure(error, visit);
      if (described instanceof Cancelled) throw described;
      failure = described;
    }
    if (planRetry(state, failure, visit)) continue;
    const catcher = (state.Catch ?? []).find((rule) => matchesError(rule.ErrorEquals, failure.errorName ?? ''));
    if (!catcher) throw failure;
    return await followCatcher(state, catcher, failure, visit);
  }
};
