import { expect, it } from 'vitest';
import { partsOf, reshare } from '../../../../../shared/core/routing/reshare.ts';
import { type RoutingArm, SLOT_COUNT } from '../../../../../shared/core/routing/routing-plan.ts';
import { fc } from '../../../../helpers/properties.ts';

/** Versions from 1 with parts that sum to the whole. */
const shares = fc
  .uniqueArray(fc.integer({ min: 0, max: SLOT_COUNT }), { minLength: 0, maxLength: 4 })
  .map((cuts) => [0, ...cuts.toSorted((a, b) => a - b), SLOT_COUNT])
  .map((edges) => edges.slice(1).map((edge, i) => ({ version: i + 1, share: edge - (edges[i] ?? 0) })));

const ownersOf = (arms: readonly RoutingArm[]): readonly number[] => {
  const owners: number[] = [];
  for (const { version, slots } of arms) {
    for (const [from, to] of slots) for (let slot = from; slot < to; slot += 1) owners[slot] = version;
  }
  return owners;
};

const shareOf = (arms: readonly { version: number; share: number }[], version: number): number =>
  arms.find((arm) => arm.version === version)?.share ?? 0;

it('gives every version exactly its share, and each slot to one', () => {
  fc.assert(
    fc.property(fc.array(shares, { minLength: 1, maxLength: 4 }), (steps) => {
      const arms = steps.reduce<readonly RoutingArm[]>((before, wanted) => reshare(before, wanted), []);

      const owners = ownersOf(arms);
      expect(owners.length).toBe(SLOT_COUNT);
      expect(owners.includes(undefined as unknown as number)).toBe(false);
      for (const { version, share } of arms) {
        expect(owners.filter((owner) => owner === version)).toHaveLength(share);
      }
    }),
    { numRuns: 40 },
  );
});

it('moves a slot only from a version whose share falls to one whose share rises, and no more than it must', () => {
  fc.assert(
    fc.property(shares, shares, (first, second) => {
      const before = reshare([], first);
      const after = reshare(before, second);

      const [was, is] = [ownersOf(before), ownersOf(after)];
      const moved = was.flatMap((from, slot) => (from === is[slot] ? [] : [[from, is[slot] ?? 0] as const]));
      const needless = moved.filter(
        ([from, to]) => shareOf(second, from) >= shareOf(first, from) || shareOf(second, to) <= shareOf(first, to),
      );
      expect(needless).toEqual([]);
      const rises = second.reduce((sum, { version, share }) => sum + Math.max(0, share - shareOf(first, version)), 0);
      expect(moved).toHaveLength(rises);
    }),
    { numRuns: 40 },
  );
});

it('a share of three versions that rises step by step moves each slot at most once', () => {
  const step = (share: number) => [
    { version: 2, share },
    { version: 3, share: 1_000 },
    { version: 1, share: SLOT_COUNT - 1_000 - share },
  ];
  const ramp: (readonly RoutingArm[])[] = [reshare([], step(0))];
  for (const share of [100, 500, 2_500, 9_000]) ramp.push(reshare(ramp.at(-1) ?? [], step(share)));
  const owners = ramp.map(ownersOf);

  const moves = Array.from({ length: SLOT_COUNT }, (_, slot) => {
    const seen = owners.map((at) => at[slot]);
    return seen.filter((owner, i) => i > 0 && owner !== seen[i - 1]).length;
  });
  expect(Math.max(...moves)).toBe(1);
  expect(ramp.at(-1)?.find(({ version }) => version === 3)?.slots).toEqual(
    ramp[0]?.find(({ version }) => version === 3)?.slots,
  );
});

it('refuses shares that are no whole parts, or do not sum to the whole', () => {
  expect(() => partsOf(0.000_01)).toThrow('a share must be in [0, 1] in steps of 0.0001, got 0.00001');
  expect(() => partsOf(-0.1)).toThrow('got -0.1');
  expect(partsOf(0.29)).toBe(2_900);
  expect(() =>
    reshare(
      [],
      [
        { version: 1, share: 5_000 },
        { version: 2, share: 4_000 },
      ],
    ),
  ).toThrow('shares must be whole parts of 10000 and sum to it, got 5000 + 4000 = 9000');
  expect(() =>
    reshare(
      [],
      [
        { version: 1, share: 5_000 },
        { version: 1, share: 5_000 },
      ],
    ),
  ).toThrow('versions must differ, got 1, 1');
});
