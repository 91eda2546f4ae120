import { expect, it } from 'vitest';
import { judgeAlone } from '../../../../../shared/core/deployment/judge-alone.ts';

it.each([
  [1, 1, 'undecided'],
  [2, 2, 'abort'],
  [4, 2, 'undecided'],
  [3, 3, 'abort'],
  [60, 3, 'undecided'],
  [400, 60, 'abort'],
] as const)('a first version of whose %i requests %i failed is %s', (requestCount, failureCount, decision) => {
  expect(judgeAlone({ requestCount, failureCount }, 0.05, 0.05).decision).toBe(decision);
});

it('tells what was seen', () => {
  expect(judgeAlone({ requestCount: 4, failureCount: 4 }, 0.05, 0.05).reason).toMatch(
    /^4 of 4 canary requests failed, shown to be above the budget of 5 % by an e-value of \d+/,
  );
});

it('aborts a version that fails as much as the budget allows in at most 5 %, looking after every request', () => {
  const budget = 0.1;
  // Chances of so many failures among those that were not aborted.
  let alive = [1];
  let aborted = 0;
  for (let requestCount = 1; requestCount <= 400; requestCount += 1) {
    const next = new Array<number>(requestCount + 1).fill(0);
    for (const [failures, chance] of alive.entries()) {
      next[failures] = (next[failures] ?? 0) + chance * (1 - budget);
      next[failures + 1] = (next[failures + 1] ?? 0) + chance * budget;
    }
    for (const [failureCount, chance] of next.entries()) {
      if (chance === 0 || judgeAlone({ requestCount, failureCount }, budget, 0.05).decision === 'undecided') continue;
      aborted += chance;
      next[failureCount] = 0;
    }
    alive = next;
  }

  expect(aborted).toBeLessThanOrEqual(0.05);
  expect(aborted).toBeGreaterThan(0.01);
});
