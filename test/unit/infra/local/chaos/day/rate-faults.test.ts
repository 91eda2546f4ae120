import { describe, expect, it } from 'vitest';
import { createRateFaults } from '../../../../../../infra/local/chaos/day/rate-faults.ts';
import type { CallSite } from '../../../../../../infra/local/contracts.ts';
import { createPlannedFaults } from '../../../../../../infra/local/faults/planned-faults.ts';
import { createSeededRandom } from '../../../../../../infra/local/simulation/seeded-random.ts';

const site = (callId: string, change: Partial<CallSite> = {}): CallSite => ({
  origin: 'function',
  caller: 'millrace-local-shift-traffic',
  invocationId: callId,
  ordinal: 0,
  callId,
  service: 'lambda',
  operation: 'UpdateAlias',
  ...change,
});
const random = () => createSeededRandom('test').fraction;

describe('faults at a rate', () => {
  it('strike about as often as they should, and are a plan that strikes alike', () => {
    const drawn = createRateFaults(random(), 0.1);
    const visits = Array.from({ length: 1_000 }, (_, i) => site(`call-${i}`));

    const struck = visits.map((visit) => drawn.call(visit));
    const replayed = createPlannedFaults(drawn.plan());
    const again = visits.map((visit) => replayed.call(visit));

    expect(drawn.injected().length).toBeGreaterThan(60);
    expect(drawn.injected().length).toBeLessThan(140);
    expect(again).toEqual(struck);
  });

  it('last for the SDK’s own tries where they outlast it', () => {
    const faults = createRateFaults(random(), 1);
    const tries = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 4 }, () => faults.call(site(`call-${i}`)) !== undefined),
    );

    expect(tries.every(([first]) => first)).toBe(true);
    expect(tries.some(([, , third]) => third)).toBe(true);
    expect(tries.some(([, , , fourth]) => fourth)).toBe(false);
  });

  it('spare people, and end', () => {
    const faults = createRateFaults(random(), 1);

    expect(faults.call(site('a', { origin: 'client' }))).toBeUndefined();
    faults.cease();
    expect(faults.call(site('b'))).toBeUndefined();
  });
});
