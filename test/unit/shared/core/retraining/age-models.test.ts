import { describe, expect, it } from 'vitest';
import { createSeededRandom } from '../../../../../infra/local/simulation/seeded-random.ts';
import { ageModels, type LabelledRows, type Recipe } from '../../../../../shared/core/retraining/age-models.ts';
import { backTestOf } from '../../../../../shared/core/retraining/back-test.ts';
import { DAY_MS, HOUR_MS } from '../../../../../shared/kernel/time.ts';

const ROWS_A_DAY = 100;
/** From this day on the label follows the other side of x. */
const TURNS_ON = 8;
const HOLDOUT_FROM = 21;

const recipe: Recipe = {
  task: 'binary-classification',
  features: [
    { name: 'x', type: 'number' },
    { name: 'kind', type: 'category' },
  ],
  settings: {
    rounds: 30,
    maxLeaves: 4,
    learningRate: 0.2,
    minRowsPerLeaf: 5,
    l2: 1,
    earlyStoppingRounds: 5,
    seed: 1,
  },
  costs: { falseAlarm: 1, miss: 4 },
};

/** Labels are known an hour after their event. */
const rowsOf = (fromDay: number, toDay: number, turnsOn: number): LabelledRows => {
  const random = createSeededRandom(`rows-${fromDay}`);
  const rowCount = (toDay - fromDay) * ROWS_A_DAY;
  const eventAtMs = Float64Array.from(
    { length: rowCount },
    (_, i) => fromDay * DAY_MS + Math.floor((i * DAY_MS) / ROWS_A_DAY),
  );
  const x = Float64Array.from({ length: rowCount }, () => random.fraction());
  const labels = x.map((value, i) => {
    const isHigh = value > 0.5 === (eventAtMs[i] as number) < turnsOn * DAY_MS;
    return (isHigh ? 0.9 : 0.1) > random.fraction() ? 1 : 0;
  });
  const kind = Array.from({ length: rowCount }, () => (random.fraction() < 0.5 ? 'a' : 'b'));
  const knownAtMs = eventAtMs.map((atMs) => atMs + HOUR_MS);
  return {
    rowCount,
    eventAtMs,
    knownAtMs,
    labels,
    columns: new Map<string, Float64Array | string[]>([
      ['x', x],
      ['kind', kind],
    ]),
  };
};

const age = (turnsOn: number, plan: Partial<Parameters<typeof ageModels>[2]> = {}) =>
  ageModels(
    { rows: rowsOf(0, HOLDOUT_FROM, turnsOn), holdout: rowsOf(HOLDOUT_FROM, HOLDOUT_FROM + 7, turnsOn) },
    recipe,
    {
      championThroughMs: 7 * DAY_MS,
      originsMs: [21 * DAY_MS, 14 * DAY_MS],
      maxRows: 60_000,
      ...plan,
    },
  );

const whole = (aged: ReturnType<typeof ageModels>) => {
  if ('refused' in aged) throw new Error(aged.refused);
  return aged;
};

describe('ageModels', () => {
  it('trains all sides on as many rows as the incumbent’s time has, and scores each on the days after it learnt', () => {
    const { rowCount, rounds, incumbent, candidates } = whole(age(TURNS_ON));

    // The newest labels of the seven days before the incumbent's time were not known yet.
    expect(rowCount).toBe(7 * ROWS_A_DAY - 4);
    expect(rounds).toBeLessThanOrEqual(30);
    const daysOf = ({ days }: typeof incumbent) => days.map(({ dayMs }) => dayMs / DAY_MS);
    expect(daysOf(incumbent)).toEqual(Array.from({ length: 14 }, (_, i) => 14 + i));
    expect(candidates.map(daysOf)).toEqual([
      Array.from({ length: 7 }, (_, i) => 21 + i),
      Array.from({ length: 14 }, (_, i) => 14 + i),
    ]);
    expect(incumbent.days[0]?.rowCount).toBe(ROWS_A_DAY);
  });

  it('finds that retraining helps where the world has changed, in loss and in the cost of decisions', () => {
    const test = backTestOf(whole(age(TURNS_ON, { originsMs: [21 * DAY_MS] })), { horizonDays: 28, isProxy: false });

    expect(test?.betterDayCount).toBe(7);
    expect(test?.gain.lower).toBeGreaterThan(0.2);
    expect(test?.costGain?.mean).toBeGreaterThan(0.5);
  });

  it('finds no gain where it has not', () => {
    const test = backTestOf(whole(age(Number.POSITIVE_INFINITY)), { horizonDays: 28, isProxy: false });

    expect(Math.abs(test?.gain.mean ?? 1)).toBeLessThan(0.03);
    expect(test?.gain.lower).toBeLessThan(0);
    expect(test?.gain.upper).toBeGreaterThan(0);
  });

  it('gives the same again for the same rows', () => {
    expect(age(TURNS_ON)).toEqual(age(TURNS_ON));
  });

  it('takes no more rows than it may', () => {
    expect(whole(age(TURNS_ON, { maxRows: 400 })).rowCount).toBe(400);
  });

  it('refuses a champion whose time left too few rows', () => {
    expect(age(TURNS_ON, { championThroughMs: 2 * DAY_MS })).toEqual({
      refused: 'a side would learn from 196 rows, fewer than 300',
    });
  });
});
