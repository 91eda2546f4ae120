import { expect, it } from 'vitest';
import { addCrashes, crashAlarm, NO_CRASHES } from '../../../../../shared/core/deployment/index.ts';

const limits = { baseShare: 0, budget: 0.05 };

it.each([
  ['few crashes', { requestCount: 1_000, canaryRequestCount: 10, crashCount: 4 }, false],
  [
    'more than the budget of the canary’s requests',
    { requestCount: 1_000, canaryRequestCount: 100, crashCount: 6 },
    true,
  ],
  [
    'no more than the budget of the canary’s requests',
    { requestCount: 1_000, canaryRequestCount: 100, crashCount: 5 },
    false,
  ],
])('%s', (_, counts, rings) => {
  expect(crashAlarm(counts, limits) !== undefined).toBe(rings);
});

it('leaves what crashed before out of account', () => {
  const counts = { requestCount: 1_000, canaryRequestCount: 100, crashCount: 25 };

  expect(crashAlarm(counts, { ...limits, baseShare: 0.02 })).toBeUndefined();
  expect(crashAlarm(counts, { ...limits, baseShare: 0.01 })).toBe(
    '25 invocations of 1000 crashed without a captured failure, where the canary has 100 of the requests and at most 5 % of them may',
  );
});

it('adds what every look counted, also where more lines came than failures', () => {
  const first = addCrashes(NO_CRASHES, { requestCount: 10, canaryRequestCount: 1, crashCount: 3 });

  expect(addCrashes(first, { requestCount: 5, canaryRequestCount: 2.5, crashCount: -1 })).toEqual({
    requestCount: 15,
    canaryRequestCount: 3.5,
    crashCount: 2,
  });
});
