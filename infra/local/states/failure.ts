/** A failure with the name that Retry and Catch match. Everything else that is thrown is a bug of ours. */
export class StateFailure extends Error {
  override readonly name = 'StateFailure';
  /** Undefined for a Fail state without Error. */
  readonly errorName: string | undefined;
  readonly causeText: string | undefined;
  /** Where an expression failed, for the EvaluationFailed event. */
  readonly location: string | undefined;
  constructor(error: string | undefined, cause?: string, location?: string) {
    super(`${error ?? 'failed'}: ${cause ?? ''}`);
    this.errorName = error;
    this.causeText = cause;
    this.location = location;
  }
}

/** The strand was told to end: the execution was stopped, timed out, or a sibling branch failed. Never caught by a definition. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
  readonly reason: 'stopped' | 'sibling' | 'shutdown';
  constructor(reason: 'stopped' | 'sibling' | 'shutdown') {
    super(`cancelled: ${reason}`);
    this.reason = reason;
  }
}

/** No wildcard catches these: the execution ends. */
const TERMINAL = new Set(['States.Runtime', 'States.DataLimitExceeded']);
const TIMEOUTS = new Set(['States.Timeout', 'States.HeartbeatTimeout']);

/** Whether an ErrorEquals list matches an error name. */
export const matchesError = (errorEquals: readonly string[], error: string): boolean =>
  errorEquals.some((pattern) => {
    if (pattern === error) return true;
    if (TERMINAL.has(error)) return false;
    if (pattern === 'States.ALL') return true;
    // A missed heartbeat is a kind of timeout.
    if (pattern === 'States.Timeout') return error === 'States.HeartbeatTimeout';
    return pattern === 'States.TaskFailed' && !TIMEOUTS.has(error);
  });
