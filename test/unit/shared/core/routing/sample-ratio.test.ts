import { expect, it } from 'vitest';
import { createSeededRandom } from '../../../../../infra/local/simulation/seeded-random.ts';
import { sampleRatio } from '../../../../../shared/core/routing/index.ts';

const random = createSeededRandom('sample-ratio');

/** Units drawn one by one; where the alarm rings at a look after every `every` units, or undefined. */
const alarmAt = (
  { expected, actual }: { readonly expected: readonly number[]; readonly actual: readonly number[] },
  { alpha, most, every }: { readonly alpha: number; readonly most: number; readonly every: number },
): number | undefined => {
  const counts = expected.map(() => 0);
  let greatestLog = 0;
  for (let unit = 1; unit <= most; unit += 1) {
    let left = random.fraction();
    const index = actual.findIndex((share) => {
      left -= share;
      return left < 0;
    });
    counts[index] = (counts[index] ?? 0) + 1;
    if (unit % every !== 0) continue;
    const seen = sampleRatio([{ counts, shares: expected }], { alpha, greatestLog });
    if (seen.skewed) return unit;
    ({ greatestLog } = seen);
  }
  return undefined;
};

it.each([
  ['half and half', [0.5, 0.5]],
  ['one in twenty', [0.05, 0.95]],
  ['three versions', [0.6, 0.3, 0.1]],
])('rings no more often than its rate on clean traffic that is looked at all the time: %s', (_, shares) => {
  const runs = 400;
  let alarms = 0;
  for (let run = 0; run < runs; run += 1) {
    const at = alarmAt({ expected: shares, actual: shares }, { alpha: 0.05, most: 1_500, every: 5 });
    if (at !== undefined) alarms += 1;
  }

  // 5 % of 400 and three standard errors; Ville's bound is not reached within so few units.
  expect(alarms).toBeLessThan(20 + 3 * Math.sqrt(400 * 0.05 * 0.95));
});

it('finds a version that loses a fifth of its units', () => {
  const found = Array.from({ length: 20 }, () =>
    alarmAt({ expected: [0.5, 0.5], actual: [0.4 / 0.9, 0.5 / 0.9] }, { alpha: 0.001, most: 6_000, every: 20 }),
  );

  expect(found.filter((at) => at === undefined)).toEqual([]);
  expect(Math.max(...found.map(Number))).toBeLessThan(6_000);
});

it('is the same evidence in one look as in many, and goes on over a change of the shares', () => {
  const first = { counts: [60, 40], shares: [0.5, 0.5] };
  const second = { counts: [30, 170], shares: [0.1, 0.9] };

  const both = sampleRatio([first, second]);

  const product = sampleRatio([first]).eValue * sampleRatio([second]).eValue;
  expect(both.eValue).toBeCloseTo(product, 12);
  // Dirichlet-multinomial by hand, of one observation: (100·0.25 / 100) / 0.25 = 1.
  expect(sampleRatio([{ counts: [1, 0], shares: [0.25, 0.75] }]).eValue).toBeCloseTo(1, 12);
  // Of two on one side: (25/100)(26/101) / 0.25² = 104/101.
  expect(sampleRatio([{ counts: [2, 0], shares: [0.25, 0.75] }]).eValue).toBeCloseTo(104 / 101, 12);
});

it('what was an alarm once stays one', () => {
  const skewed = sampleRatio([{ counts: [900, 100], shares: [0.5, 0.5] }]);
  const later = sampleRatio([{ counts: [1_000, 1_000], shares: [0.5, 0.5] }], { greatestLog: skewed.greatestLog });

  expect(skewed).toMatchObject({ skewed: true });
  expect(later.skewed).toBe(true);
  expect(later.eValue).toBeLessThan(1);
  expect(later.pValue).toBe(skewed.pValue);
});
