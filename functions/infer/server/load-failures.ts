import { UnavailableError } from '../../../shared/kernel/errors.ts';
import type { DescribedModel } from '../../../shared/ports/model-source.ts';

interface Failure {
  readonly count: number;
  readonly untilMs: number;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const MOST_FAILURES = 10_000;

/** Models that were not loaded: each is tried again after a wait that doubles, so that a bad one costs no other. */
export const createLoadFailures = (nowMs: () => number) => {
  const failures = new Map<string, Failure>();
  const leftMsOf = ({ key }: DescribedModel): number => (failures.get(key)?.untilMs ?? 0) - nowMs();
  return {
    note: ({ key }: DescribedModel): void => {
      const before = failures.get(key)?.count ?? 0;
      if (failures.size >= MOST_FAILURES) failures.clear();
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** before);
      failures.set(key, { count: before + 1, untilMs: nowMs() + waitMs });
    },
    forget: ({ key }: DescribedModel): void => {
      failures.delete(key);
    },
    /** Whether it is time for its next try, or its first. */
    isDue: (described: DescribedModel): boolean => leftMsOf(described) <= 0,
    /** @throws UnavailableError before its next try. */
    requireDue: (described: DescribedModel): void => {
      const leftMs = leftMsOf(described);
      if (leftMs <= 0) return;
      const { model, version } = described;
      throw new UnavailableError(
        `version ${version} of ${model} was not loaded; it is tried again in ${Math.ceil(leftMs / 1_000)} s`,
      );
    },
  };
};
