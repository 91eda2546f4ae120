const LONGEST_OUTCOME = 2_000;

const messageOf = (cause: string): string => {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed !== 'object' || parsed === null) return cause;
    const { errorMessage, FailureReason, StatusReason } = parsed as Record<string, unknown>;
    const message = errorMessage ?? FailureReason ?? StatusReason;
    return typeof message === 'string' ? message : cause;
  } catch {
    return cause; // plain text
  }
};

/**
 * Why a run failed, as its reader needs it. `error` and `cause` are as Step Functions catches them: the cause of a
 * Lambda's failure is JSON with `errorMessage`, of a SageMaker job with `FailureReason`, of a Batch job with
 * `StatusReason`; anything else is taken as it is.
 */
export const describeFailure = (error: string, cause: string): string =>
  `${error || 'unknown error'}: ${messageOf(cause)}`.slice(0, LONGEST_OUTCOME);
