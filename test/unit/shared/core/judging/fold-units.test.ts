import { describe, expect, it } from 'vitest';
import { foldUnits, NO_SEEN_UNITS, type UnitLine } from '../../../../../shared/core/judging/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const times = { startMs: 0, endMs: 300_000, canaryShare: 0.5 };

const line = (unit: string | undefined, isCanary: boolean, errors: number, over: Partial<UnitLine> = {}): UnitLine => ({
  ...(unit === undefined ? {} : { unit }),
  isCanary,
  slices: ['all'],
  outcomes: { errors },
  ...over,
});

const fold = (lines: readonly UnitLine[], seen = NO_SEEN_UNITS) => foldUnits(lines, { index: 0, ...times, seen });

describe('foldUnits', () => {
  it('gives a unit one outcome, the mean of its requests, however many they are', () => {
    const lines = [line('a', true, 1), line('a', true, 0), line('a', true, 0), line('a', true, 1), line('b', false, 0)];

    expect(fold(lines).block).toEqual({
      index: 0,
      ...times,
      cells: [
        {
          metric: 'errors',
          slice: 'all',
          canary: { unitCount: 1, sum: 0.5, sumOfSquares: 0.25 },
          champion: { unitCount: 1, sum: 0, sumOfSquares: 0 },
        },
      ],
    });
  });

  it('takes the rows of one request without a unit for one draw, and remembers none of them', () => {
    const row = (request: string, isCanary: boolean, errors: number) => line(undefined, isCanary, errors, { request });

    const { block, seen } = fold([row('r-1', true, 1), row('r-1', true, 0), row('r-2', true, 1), row('r-3', false, 0)]);

    expect(block.cells[0]!.canary).toEqual({ unitCount: 2, sum: 1.5, sumOfSquares: 1.25 });
    expect(block.cells[0]!.champion.unitCount).toBe(1);
    expect(seen.fingerprints.size).toBe(0);
  });

  it('counts each request without a unit', () => {
    const [cell] = fold([line(undefined, true, 1), line(undefined, true, 0), line(undefined, false, 0)]).block.cells;

    expect(cell!.canary).toEqual({ unitCount: 2, sum: 1, sumOfSquares: 1 });
    expect(cell!.champion.unitCount).toBe(1);
  });

  it('lets a unit enter once per rollout', () => {
    const first = fold([line('a', true, 1), line('b', false, 0)]);
    const second = fold([line('a', true, 1), line('a', true, 1), line('c', false, 0)], first.seen);

    expect(second.block.cells[0]!.canary.unitCount).toBe(0);
    expect(second.block.cells[0]!.champion.unitCount).toBe(1);
    expect(second.leftOut).toEqual({ seenBefore: 2, otherShare: 0 });
    expect(second.seen.fingerprints.size).toBe(3);
  });

  it('leaves a unit out whose share changed within the block, and lets it enter later', () => {
    const before = line('a', false, 0, { canaryShare: 0.25 });
    const after = line('a', true, 1, { canaryShare: 0.5 });

    const mixed = fold([before, after]);
    const later = fold([after], mixed.seen);

    expect(mixed.block.cells).toEqual([]);
    expect(mixed.leftOut.otherShare).toBe(2);
    expect(later.block.cells[0]!.canary.unitCount).toBe(1);
  });

  it.each([
    ['whose share changed though its version did not', line('a', false, 0, { canaryShare: 0.25 })],
    ['that met both versions at one share', line('a', true, 0, { canaryShare: 0.5 })],
  ])('leaves a unit out %s', (_, other) => {
    expect(fold([other, line('a', false, 1, { canaryShare: 0.5 })]).block.cells).toEqual([]);
  });

  it('takes a unit’s means slice by slice, of the requests that have an outcome', () => {
    const lines = [
      line('a', true, 1, { slices: ['all', 'night'], outcomes: { errors: 1 } }),
      line('a', true, 0, { slices: ['all'], outcomes: { errors: 0, slow: 1 } }),
    ];

    const sums = fold(lines).block.cells.map(({ metric, slice, canary }) => [metric, slice, canary.sum]);

    expect(sums).toEqual([
      ['errors', 'all', 0.5],
      ['errors', 'night', 1],
      ['slow', 'all', 1],
    ]);
  });

  it('does not depend on the order of the lines', () => {
    const lines = fc.array(
      fc.record({
        unit: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
        isCanary: fc.constant(true),
        slices: fc.constantFrom(['all'], ['all', 'night']),
        outcomes: fc.constantFrom({ errors: 0 }, { errors: 1 }, { errors: 1, slow: 1 }),
      }),
      { minLength: 1, maxLength: 20 },
    );
    const sorted = (all: readonly UnitLine[]) =>
      fold(all)
        .block.cells.map(({ metric, slice, canary }) => [metric, slice, canary.unitCount, Math.round(1e9 * canary.sum)])
        .toSorted((a, b) => String(a).localeCompare(String(b)));

    fc.assert(
      fc.property(lines, (all) => {
        expect(sorted(all.toReversed())).toEqual(sorted(all));
      }),
    );
  });
});
