import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  assign,
  canaryPlan,
  type PlanDraft,
  SLOT_COUNT,
  slotOfUnit,
  unitOf,
  type ValueSource,
} from '../../../../../shared/core/routing/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const sha256 = (text: string): string => hash('sha256', text);
const nothing = (): undefined => undefined;
const byUnit = (plan: PlanDraft, unitKey: string) => assign(plan, { unitKey, valueAt: nothing, random: 0 }, sha256);

const RAMP = [0.01, 0.05, 0.25, 1];
const step = (standing: PlanDraft | undefined, weight: number): PlanDraft =>
  canaryPlan(standing, {
    model: 'toy',
    rolloutId: 'r-1',
    version: 2,
    champion: 1,
    weight,
    settings: {},
    atMs: 1,
  });

/** Three versions with these parts of 10,000. */
const three = (shares: readonly [number, number, number]): PlanDraft => {
  const [a, b, c] = shares;
  return {
    ...step(undefined, 0.01),
    arms: [
      { version: 1, share: a, slots: [[0, a]] },
      { version: 2, share: b, slots: [[a, a + b]] },
      { version: 3, share: c, slots: [[a + b, SLOT_COUNT]] },
    ],
  };
};

it('a unit has the slot of the first 64 bits of SHA-256 over salt and key', () => {
  expect(unitOf('salt', 'ann', sha256)).toBe(sha256('salt\nann').slice(0, 32));
  expect(slotOfUnit('0000000000000000ffffffffffffffff')).toBe(0);
  expect(slotOfUnit('80000000000000000000000000000000')).toBe(5_000);
  expect(slotOfUnit('ffffffffffffffff0000000000000000')).toBe(9_999);
});

it('a unit is answered by the same version again and again, with the probability of that version', () => {
  const plan = three([7_000, 2_000, 1_000]);
  const probabilities: Readonly<Record<number, number>> = { 1: 0.7, 2: 0.2, 3: 0.1 };

  fc.assert(
    fc.property(fc.string(), fc.double({ min: 0, max: 0.999, noNaN: true }), (unitKey, random) => {
      const first = byUnit(plan, unitKey);
      const again = assign(plan, { unitKey, valueAt: nothing, random }, sha256);

      expect(again).toEqual(first);
      expect(first.probability).toBe(probabilities[first.version]);
      expect(first.unit).toMatch(/^[0-9a-f]{32}$/);
    }),
  );
});

it('of 20,000 units each version has its share, within what chance allows', () => {
  const count = 20_000;
  const shares = { 1: 0.7, 2: 0.25, 3: 0.05 };
  const plan = three([7_000, 2_500, 500]);
  const seen: Record<number, number> = {};
  for (let i = 0; i < count; i += 1) {
    const { version } = byUnit(plan, `customer-${i}`);
    seen[version] = (seen[version] ?? 0) + 1;
  }

  for (const [version, share] of Object.entries(shares)) {
    const deviation = Math.abs((seen[Number(version)] ?? 0) - count * share) / Math.sqrt(count * share * (1 - share));
    expect(deviation).toBeLessThan(4);
  }
});

it('a ramp of 1, 5, 25 and 100 % moves each unit exactly once, and never back', () => {
  const plans: PlanDraft[] = [step(undefined, 0)];
  for (const weight of RAMP) plans.push(step(plans.at(-1), weight));
  const moves: number[] = [];

  fc.assert(
    fc.property(fc.string(), (key) => {
      const versions = plans.map((plan) => byUnit({ ...plan, salt: 'r-1' }, key).version);
      moves.push(versions.filter((version, i) => i > 0 && version !== versions[i - 1]).length);

      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
    }),
  );
  expect(new Set(moves)).toEqual(new Set([1]));
});

it('a new canary draws its units anew, and moves nobody by that', () => {
  const settled = step(undefined, 0);
  const other = canaryPlan(settled, {
    model: 'toy',
    rolloutId: 'r-2',
    version: 3,
    champion: 1,
    weight: 0.5,
    settings: {},
    atMs: 2,
  });
  const first = step(undefined, 0.5);
  const keys = Array.from({ length: 500 }, (_, i) => `u${i}`);
  const both = keys.filter((key) => byUnit(first, key).version === 2 && byUnit(other, key).version === 3);

  expect(new Set(keys.map((key) => byUnit(settled, key).version))).toEqual(new Set([1]));
  expect(both.length).toBeGreaterThan(80);
  expect(both.length).toBeLessThan(170);
});

it('a request without a unit is drawn by chance alone', () => {
  const plan = step(undefined, 0.25);
  const draw = (random: number) => assign(plan, { valueAt: nothing, random }, sha256);

  expect(draw(0)).toEqual({ version: 2, probability: 0.25 });
  expect(draw(0.249_99)).toEqual({ version: 2, probability: 0.25 });
  expect(draw(0.25)).toEqual({ version: 1, probability: 0.75 });
  expect(draw(0.999_999)).toEqual({ version: 1, probability: 0.75 });
});

it('a cohort comes first, by the first that fits, whatever the shares are', () => {
  const when = (value: string) => ({ header: 'x-team', in: [value] });
  const plan = {
    ...step(undefined, 0.01),
    cohorts: [
      { name: 'testers', when: when('ours'), version: 2 },
      { name: 'never', when: when('ours'), version: 1 },
      { name: 'careful', when: { feature: 'carrier', in: ['UA', 'AA'] }, version: 1 },
    ],
  };
  const asked = (values: Readonly<Record<string, string>>) => (source: ValueSource) =>
    values[Object.values(source)[0] as string];
  const draw = (values: Readonly<Record<string, string>>) =>
    assign(plan, { valueAt: asked(values), random: 0.999, unitKey: 'ann' }, sha256);
  const unit = unitOf(plan.salt, 'ann', sha256);

  expect(draw({ 'x-team': 'ours', carrier: 'UA' })).toEqual({ version: 2, probability: 1, unit, cohort: 'testers' });
  expect(draw({ 'x-team': 'theirs', carrier: 'AA' })).toMatchObject({ version: 1, cohort: 'careful' });
  expect(draw({ 'x-team': 'theirs', carrier: 'DL' })).toEqual(byUnit(plan, 'ann'));
});
