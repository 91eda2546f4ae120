/** One execution of a job's workflow. */
export interface Attempt {
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly error?: string;
  readonly cause?: string;
}

/** How often a job is taken up again. */
export const MOST_ATTEMPTS = 20;

export type NextStep =
  | { readonly step: 'start'; readonly attempt: number }
  | { readonly step: 'leave'; readonly reason: 'running' | 'finished' | 'exhausted' };

/** Whether a job that is asked for is begun, taken up again after its last attempt broke off, or left as it is. */
export const nextStep = (attempts: readonly Attempt[]): NextStep => {
  const last = attempts.at(-1);
  if (last?.status === 'RUNNING') return { step: 'leave', reason: 'running' };
  if (last?.status === 'SUCCEEDED') return { step: 'leave', reason: 'finished' };
  if (attempts.length >= MOST_ATTEMPTS) return { step: 'leave', reason: 'exhausted' };
  return { step: 'start', attempt: attempts.length + 1 };
};
