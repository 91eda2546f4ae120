import { describe, expect, it } from 'vitest';
import { drawPlan } from '../../../../../infra/local/faults/draw-plan.ts';
import { describeFault, faultWord } from '../../../../../infra/local/faults/fault-plan.ts';
import type { SiteCounts } from '../../../../../infra/local/faults/survey.ts';
import { createSeededRandom } from '../../../../../infra/local/simulation/seeded-random.ts';

const COUNTS: SiteCounts = {
  calls: { 'infer s3:GetObject #1': 10, 'record-run dynamodb:PutItem #1': 2 },
  deliveries: { 'events A > lambda:b': 3 },
  jobs: { 'batch job': 2 },
  reads: { 'RegistryTable gsi1': 20 },
  clocks: { infer: 4, 'record-run': 1 },
};
const draw = (seed: number, targets: readonly string[] = []) =>
  drawPlan({ random: createSeededRandom(`${seed}`).fraction, counts: COUNTS, targets });

describe('a drawn plan', () => {
  it('is the same for the same seed and another for another', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it('aims at every target first', () => {
    const targets = Object.keys(COUNTS.calls);

    const plan = draw(3, targets);

    expect(plan.slice(0, 2).map(({ kind, site }) => [kind, site])).toEqual([
      ['call', targets[0]],
      ['call', targets[1]],
    ]);
  });

  it('draws every kind of fault, clocks within a second and visits that a run comes to', () => {
    const plans = Array.from({ length: 300 }, (_, seed) => draw(seed, ['infer s3:GetObject #1'])).flat();

    expect([...new Set(plans.map(faultWord))].toSorted()).toEqual([
      'clock-skew',
      'delay',
      'duplicate',
      'job-kill',
      'kill-after',
      'kill-before',
      'lost-answer',
      'reject',
      'server-error',
      'slow',
      'spot-interruption',
      'stale-read',
      'throttle',
    ]);
    for (const planned of plans) {
      if (planned.kind === 'clock') expect(Math.abs(planned.skewMs)).toBeLessThanOrEqual(1_000);
      else expect(planned.visit).toBeGreaterThanOrEqual(1);
      if (planned.kind === 'call') expect(planned.visit).toBeLessThanOrEqual(COUNTS.calls[planned.site] ?? 0);
    }
  });

  it('says each fault in words', () => {
    expect(
      describeFault({
        kind: 'call',
        site: 'shift-traffic lambda:UpdateAlias #1',
        visit: 2,
        times: 3,
        fault: { kind: 'lost-answer' },
      }),
    ).toBe('lost-answer 3 times at shift-traffic lambda:UpdateAlias #1, visit 2');
    expect(describeFault({ kind: 'clock', site: 'infer', skewMs: -40 })).toBe('clock-skew of -40 ms in infer');
  });
});
