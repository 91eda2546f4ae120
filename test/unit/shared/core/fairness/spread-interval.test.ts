import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../../shared/core/explanation/index.ts';
import { measureFairness } from '../../../../../shared/core/fairness/index.ts';
import { spreadInterval } from '../../../../../shared/core/fairness/spread-interval.ts';

interface Group {
  readonly rowCount: number;
  /** Chance of a positive answer. */
  readonly chance: number;
  readonly labelShare?: number;
}

const drawn = (groups: readonly Group[], { days = 14, seed = 1 } = {}) => {
  const random = seededRandom(seed);
  const rows = groups.flatMap(({ rowCount, chance, labelShare = 0.3 }, group) =>
    Array.from({ length: rowCount }, () => ({
      group: `g${group}`,
      label: random() < labelShare ? 1 : 0,
      prediction: random() < chance ? 0.9 : 0.1,
      day: Math.floor(days * random()),
    })),
  );
  return {
    labels: rows.map(({ label }) => label),
    predictions: rows.map(({ prediction }) => prediction),
    groups: rows.map(({ group }) => group),
    days: rows.map(({ day }) => day),
  };
};

const fairnessOf = (rows: ReturnType<typeof drawn>, fewestRows = 50) =>
  measureFairness(new Map([['group', rows]]), { threshold: 0.5, fewestRows });

const parityOf = (rows: ReturnType<typeof drawn>) => {
  const {
    value = Number.NaN,
    lower = Number.NaN,
    upper = Number.NaN,
  } = fairnessOf(rows).summaries[0]?.demographicParity.difference ?? {};
  return { value, lower, upper };
};

const alike = (count: number, rowCount: number): readonly Group[] =>
  Array.from({ length: count }, () => ({ rowCount, chance: 0.3 }));

describe('the interval of a difference between groups', () => {
  it.each([1, 2, 3])(
    'begins near 0 where many small groups are treated alike, however far they lie apart: %i',
    (seed) => {
      const found = parityOf(drawn(alike(10, 100), { seed }));
      const { difference } = fairnessOf(drawn(alike(10, 100), { seed })).summaries[0]?.equalizedOdds ?? {};

      expect(found.value).toBeGreaterThan(0.08);
      expect(found.lower).toBeLessThan(0.05);
      expect(difference?.value).toBeGreaterThan(0.14);
      expect(difference?.lower).toBeLessThan(0.1);
    },
  );

  it('holds a difference that is there, and begins far above 0', () => {
    const { lower, upper } = parityOf(drawn([...alike(5, 300), { rowCount: 300, chance: 0.55 }]));

    expect(lower).toBeGreaterThan(0.1);
    expect(lower).toBeLessThan(0.25);
    expect(upper).toBeGreaterThan(0.25);
  });

  it('is that of two shares where there are two groups and rows are drawn', () => {
    const rows = drawn(
      [
        { rowCount: 400, chance: 0.3 },
        { rowCount: 600, chance: 0.5 },
      ],
      { days: 3 },
    );
    const shareOf = (group: string): number => {
      const own = rows.predictions.filter((_, row) => rows.groups[row] === group);
      return own.filter((prediction) => prediction > 0.5).length / own.length;
    };
    const [one, other] = [shareOf('g0'), shareOf('g1')];
    const half = 1.96 * Math.sqrt((one * (1 - one)) / 400 + (other * (1 - other)) / 600);

    const { value, lower, upper } = parityOf(rows);

    expect(value).toBeCloseTo(Math.abs(one - other), 12);
    // The deviation and the quantile are of 200 draws.
    expect((upper - lower) / (2 * half)).toBeGreaterThan(0.8);
    expect((upper - lower) / (2 * half)).toBeLessThan(1.2);
    expect((upper + lower) / 2).toBeCloseTo(value, 12);
  });

  it('is as sure of two large groups when a small one stands beside them', () => {
    const large = [
      { rowCount: 2_000, chance: 0.3 },
      { rowCount: 2_000, chance: 0.45 },
    ];
    const { value, lower } = parityOf(
      drawn([...large, { rowCount: 60, chance: 0.38 }, { rowCount: 60, chance: 0.38 }]),
    );

    expect(value).toBeGreaterThan(0.1);
    expect(lower).toBeGreaterThan(0.08);
    expect(lower).toBeLessThan(0.15);
  });

  it('bounds all pairs of groups at once, as Tukey’s studentised range does', () => {
    const random = seededRandom(5);
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const groups = Array.from({ length: 20 }, () => ({
      value: 0,
      draws: Float64Array.from({ length: 2_000 }, normal),
    }));

    const { upper = 0 } = spreadInterval([groups], 1e6) ?? {};

    // q(0.95; 20 groups, ∞) = 5.01; the widest pair's deviation is a little above √2.
    expect(upper).toBeGreaterThan(5.01);
    expect(upper).toBeLessThan(5.01 * 1.1);
  });

  it('is wider of few days, as Student’s distribution is', () => {
    const swinging = { value: 0, draws: Float64Array.from({ length: 200 }, (_, at) => (at % 2 === 0 ? 1 : -1)) };
    const width = (unitCount: number): number =>
      spreadInterval([[swinging, { value: 0, draws: new Float64Array(200) }]], unitCount)?.upper ?? 0;

    // SciPy 1.17.1: c = 1 / sqrt(200 / 199); t.ppf(norm.cdf(c), 7) * sqrt(8 / 7) / c
    expect(width(8) / width(1e6)).toBeCloseTo(1.150832, 5);
  });

  it('is none of one group, nor of one day', () => {
    expect(fairnessOf(drawn(alike(1, 100))).summaries[0]?.demographicParity.difference).toEqual({ value: 0 });
    const draws = Float64Array.from([1, 2]);
    expect(
      spreadInterval(
        [
          [
            { value: 1, draws },
            { value: 2, draws },
          ],
        ],
        1,
      ),
    ).toBeUndefined();
  });

  it('is of the value alone where no draw differs', () => {
    const never = { value: 0, draws: new Float64Array(200) };
    const always = { value: 1, draws: new Float64Array(200).fill(1) };

    expect(spreadInterval([[never, always]], 14)).toEqual({ lower: 1, upper: 1 });
  });
});

describe('groups that are compared', () => {
  it('have no rate of so few rows that chance may make it whole', () => {
    const rows = drawn([
      { rowCount: 600, chance: 0.5 },
      { rowCount: 600, chance: 0.5 },
      { rowCount: 600, chance: 0.5, labelShare: 0.01 },
    ]);
    const groupsOf = (metric: string, fewestRows: number) =>
      fairnessOf(rows, fewestRows)
        .rows.find((row) => row.metric === metric)
        ?.groups.map(({ group }) => group);

    expect(groupsOf('truePositiveRate', 100)).toEqual(['g0', 'g1']);
    expect(groupsOf('falsePositiveRate', 100)).toEqual(['g0', 'g1', 'g2']);
    expect(groupsOf('truePositiveRate', 2)).toEqual(['g0', 'g1', 'g2']);
  });

  it('are the hundred largest of more', () => {
    const rows = drawn(Array.from({ length: 103 }, (_, at) => ({ rowCount: at < 3 ? 20 : 21, chance: 0.5 })));

    const groups = fairnessOf(rows, 1).rows[0]?.groups.map(({ group }) => group) ?? [];

    expect(groups).toHaveLength(100);
    expect(groups).not.toContain('g2');
    expect(groups).toContain('g102');
  });
});
