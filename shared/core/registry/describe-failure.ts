const LONGEST_OUTCOME = 2_000;

interface FailedJob {
  readonly EcsProperties?: {
    readonly TaskProperties?: readonly {
      readonly Containers?: readonly { readonly Name?: string; readonly ExitCode?: number }[];
    }[];
  };
}

/** A Batch job's own reason speaks of its essential container, which only waited for the one that failed. */
const failedContainers = ({ EcsProperties }: FailedJob): string => {
  const containers = EcsProperties?.TaskProperties?.[0]?.Containers ?? [];
  return containers
    .filter(({ ExitCode = 0 }) => ExitCode !== 0)
    .map(({ Name, ExitCode }) => `; container ${Name} ended with exit code ${ExitCode}`)
    .join('');
};

const messageOf = (cause: string): string => {
  try {
    const parsed: unknown = JSON.parse(cause);
    if (typeof parsed !== 'object' || parsed === null) return cause;
    const { errorMessage, FailureReason, StatusReason } = parsed as Record<string, unknown>;
    const message = errorMessage ?? FailureReason ?? StatusReason;
    return typeof message === 'string' ? `${message}${failedContainers(parsed)}` : cause;
  } catch {
    return cause; // plain text
  }
};

/**
 * Why a run failed, as its reader needs it. `error` and `cause` are as Step Functions catches them: the cause of a
 * Lambda's failure is JSON with `errorMessage`, of a SageMaker job with `FailureReason`, of a Batch job with
 * `StatusReason` and its containers' exit codes; anything else is taken as it is.
 */
export const describeFailure = (error: string, cause: string): string =>
  `${error || 'unknown error'}: ${messageOf(cause)}`.slice(0, LONGEST_OUTCOME);
