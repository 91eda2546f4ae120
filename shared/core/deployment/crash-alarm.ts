/** Invocations of one function that serves canary and champion, and those that failed without leaving a line. */
export interface CrashCounts {
  readonly requestCount: number;
  /** Of them, as many as the plan gave to the canary. */
  readonly canaryRequestCount: number;
  readonly crashCount: number;
}

export const NO_CRASHES: CrashCounts = { requestCount: 0, canaryRequestCount: 0, crashCount: 0 };

/** Fewer may be the infrastructure's. */
const FEWEST_CRASHES = 5;

export const addCrashes = (a: CrashCounts, b: CrashCounts): CrashCounts => ({
  requestCount: a.requestCount + b.requestCount,
  canaryRequestCount: a.canaryRequestCount + b.canaryRequestCount,
  crashCount: a.crashCount + b.crashCount,
});

/**
 * Why a rollout is ended by crashes; undefined when it is not. A crash (out of memory, out of time) leaves no line, so
 * nobody knows which version it met: a plain threshold, as an alarm has, without a stated error rate. It takes five, and
 * more of them than the budget's share of the canary's requests, beyond what crashed before.
 * @param baseShare of the requests that crashed before the rollout, in [0, 1].
 */
export const crashAlarm = (
  { requestCount, canaryRequestCount, crashCount }: CrashCounts,
  { baseShare, budget }: { readonly baseShare: number; readonly budget: number },
): string | undefined => {
  const added = crashCount - baseShare * requestCount;
  if (crashCount < FEWEST_CRASHES || added <= budget * canaryRequestCount) return undefined;
  const expected = Math.round(canaryRequestCount);
  return `${crashCount} invocations of ${requestCount} crashed without a captured failure, where the canary has ${expected} of the requests and at most ${Number((100 * budget).toPrecision(3))} % of them may`;
};
