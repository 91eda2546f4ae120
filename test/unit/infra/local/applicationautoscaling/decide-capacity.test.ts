import { describe, expect, it } from 'vitest';
import {
  type Situation,
  scaledIn,
  scaledOut,
} from '../../../../../infra/local/applicationautoscaling/decide-capacity.ts';
import { fc } from '../../../../helpers/properties.ts';

const NOW = 1_000_000_000;
const OPEN = { scaleIn: false, scaleOut: false };
type Given = Partial<Omit<Situation, 'target'>> & { readonly target?: Partial<Situation['target']> };
const situation = (given: Given): Situation => ({
  tracking: { targetValue: 100, scaleOutCooldownSeconds: 60, scaleInCooldownSeconds: 300 },
  capacity: 2,
  value: 100,
  valueFromMs: NOW - 60_000,
  nowMs: NOW,
  ...given,
  target: { min: 1, max: 10, suspended: OPEN, ...given.target },
});
const lastScaling = (direction: 'out' | 'in', secondsAgo: number, fromCapacity = 2) => ({
  lastScaling: { direction, fromCapacity, atMs: NOW - secondsAgo * 1_000 },
});

describe('scaling out', () => {
  it.each([
    ['in proportion to the metric', situation({ value: 250 }), 5],
    ['rounded up', situation({ value: 101 }), 3],
    ['not at the target itself', situation({ value: 100 }), undefined],
    ['not for what decimals make of the target', situation({ capacity: 3, value: 100.00000000000001 }), undefined],
    ['up to its maximum', situation({ value: 10_000 }), 10],
    ['not beyond it', situation({ capacity: 10, value: 10_000 }), undefined],
    ['from nothing as from one', situation({ capacity: 0, value: 150 }), 2],
    ['not while suspended', situation({ value: 250, target: { suspended: { ...OPEN, scaleOut: true } } }), undefined],
    [
      'not again in its cooldown for the same need',
      situation({ capacity: 5, value: 250, target: lastScaling('out', 59) }),
      undefined,
    ],
    ['in its cooldown for a larger one', situation({ capacity: 5, value: 350, target: lastScaling('out', 59) }), 7],
    [
      'not after it for a minute that began no later',
      situation({ capacity: 5, value: 250, valueFromMs: NOW - 60_000, target: lastScaling('out', 60) }),
      undefined,
    ],
    ['after it by all that there is', situation({ capacity: 5, value: 150, target: lastScaling('out', 61) }), 8],
    ['in the cooldown of a scale-in', situation({ value: 250, target: lastScaling('in', 1) }), 5],
  ])('%s', (_, given, count) => {
    expect(scaledOut(given)).toBe(count);
  });
});

describe('scaling in', () => {
  it.each([
    ['one at a time', situation({ capacity: 8, value: 0 }), 7],
    ['not below what is asked', situation({ capacity: 8, value: 95 }), undefined],
    ['not below its minimum', situation({ capacity: 1, value: 0 }), undefined],
    ['not in its cooldown', situation({ capacity: 8, value: 0, target: lastScaling('in', 299) }), undefined],
    ['after it', situation({ capacity: 8, value: 0, target: lastScaling('in', 300) }), 7],
    ['not right after a scale-out', situation({ capacity: 8, value: 0, target: lastScaling('out', 30) }), undefined],
    [
      'not while suspended',
      situation({ capacity: 8, value: 0, target: { suspended: { ...OPEN, scaleIn: true } } }),
      undefined,
    ],
  ])('%s', (_, given, count) => {
    expect(scaledIn(given)).toBe(count);
  });
});

it('never leaves the bounds, and never wants both', () => {
  const any = fc.record({
    min: fc.integer({ min: 0, max: 10 }),
    width: fc.integer({ min: 0, max: 20 }),
    above: fc.integer({ min: 0, max: 20 }),
    value: fc.double({ min: 0, max: 1e6, noNaN: true }),
  });
  fc.assert(
    fc.property(any, ({ min, width, above, value }) => {
      const max = min + width;
      const given = situation({ capacity: Math.min(max, min + above), value, target: { min, max } });
      const [out, down] = [scaledOut(given), scaledIn(given)];

      expect(out === undefined || down === undefined).toBe(true);
      for (const count of [out, down]) if (count !== undefined) expect(count >= min && count <= max).toBe(true);
    }),
  );
});
