import { ConflictError } from '../../kernel/errors.ts';

/** How a lost race is run again. Replaced in tests; never the virtual clock: these are waits of a real machine. */
export interface RetryPacing {
  /** In [0, 1). */
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Elapsed real time. */
  readonly elapsedMs: () => number;
}

export const realPacing: RetryPacing = {
  random: Math.random,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  elapsedMs: () => performance.now(),
};

const FIRST_DELAY_MS = 20;
/** Two hundred writers of one item come four seconds apart at most: closer, and they would mostly meet each other again. */
const LARGEST_DELAY_MS = 4_000;

export const CONTENDED = Symbol('contended');

/**
 * Runs `attempt` again while it reports contention, after a wait drawn evenly from zero to a doubling bound (full
 * jitter, https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/), so that any number of
 * writers get through one after the other. The bound begins with what an attempt takes: closer together, slow ones would
 * only meet again.
 * @param deadlineMs how long to go on, from now, in real milliseconds.
 * @throws ConflictError when the contention outlasts it.
 */
export const retryWhileContended = async <T>(
  what: string,
  deadlineMs: number,
  attempt: () => Promise<T | typeof CONTENDED>,
  pacing: RetryPacing,
): Promise<T> => {
  const endsAtMs = pacing.elapsedMs() + deadlineMs;
  for (let attempts = 1; ; attempts += 1) {
    const beganAtMs = pacing.elapsedMs();
    const result = await attempt();
    if (result !== CONTENDED) return result;
    const firstDelayMs = Math.max(FIRST_DELAY_MS, pacing.elapsedMs() - beganAtMs);
    const boundMs = Math.min(LARGEST_DELAY_MS, firstDelayMs * 2 ** Math.min(attempts - 1, 10));
    const delayMs = pacing.random() * boundMs;
    if (pacing.elapsedMs() + delayMs >= endsAtMs) {
      throw new ConflictError(`${what} lost to other writers ${attempts} times within ${deadlineMs} ms`);
    }
    await pacing.sleep(delayMs);
  }
};
