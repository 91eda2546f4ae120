import { describe, expect, it } from 'vitest';
import type { Rollout } from '../../../../../shared/core/registry/index.ts';
import { renderRolloutTimeline, rolloutTimeline } from '../../../../../shared/core/reports/index.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';

const rolloutOf = (version: number, change: Partial<Rollout> = {}): Rollout => ({
  model: 'toy',
  rolloutId: `r-${version}`,
  kind: 'model',
  version,
  previousVersion: version - 1,
  previousLambdaVersion: '1',
  status: 'PROMOTED',
  startedAtMs: version * DAY_MS,
  endedAtMs: version * DAY_MS + 1,
  weights: [],
  ...change,
});
const of = (rollouts: readonly Rollout[], complete = true) =>
  rolloutTimeline({ model: 'toy', rollouts, complete, atMs: 10 * DAY_MS });

describe('the rollouts of a model over time', () => {
  it('say who was the champion from when: what was promoted, and what stood before the first', () => {
    const { champions, rollouts } = of([
      rolloutOf(5, { status: 'ROLLED_BACK' }),
      rolloutOf(4, { kind: 'code' }),
      rolloutOf(3),
      rolloutOf(6, { status: 'RUNNING' }),
    ]);

    expect(rollouts.map(({ version }) => version)).toEqual([6, 5, 4, 3]);
    expect(champions).toEqual([
      { version: 2, fromMs: 3 * DAY_MS },
      { version: 3, fromMs: 3 * DAY_MS + 1 },
    ]);
  });

  it('begin with no champion where nothing was in service before', () => {
    const { previousVersion: _, ...first } = rolloutOf(1);

    expect(of([first]).champions).toEqual([{ version: 1, fromMs: DAY_MS + 1 }]);
    expect(of([]).champions).toEqual([]);
  });

  it('each lead to their own report and to the card of their version, with a reason of bounded length', () => {
    const decision = { action: 'roll back', reason: 'no', decidedBy: 'ann', decidedAtMs: 1 } as const;
    const html = renderRolloutTimeline(of([rolloutOf(3, { decision, reason: `<b>${'x'.repeat(500)}` })], false));

    expect(html).toContain('<a href="r-3/report">r-3</a>');
    expect(html).toContain('<a href="../versions/3/card?format=html">3</a>');
    expect(html).toContain(`&lt;b&gt;${'x'.repeat(117)}…`);
    expect(html).toContain('<td class="s">ann</td>');
    expect(html).toContain('The newest 1; there are more.');
  });

  it('are drawn as spans on the height of their version, what runs until now', () => {
    const { endedAtMs: _, ...running } = rolloutOf(4, { status: 'RUNNING', startedAtMs: 5 * DAY_MS });
    const html = renderRolloutTimeline(of([rolloutOf(3), running]));

    const ends = [...html.matchAll(/<line class="span (\w+)" x1="([\d.]+)" x2="([\d.]+)"/g)];
    expect(ends.map(([, of]) => of)).toEqual(['running', 'promoted']);
    expect(Number(ends[0]?.[3]) - Number(ends[0]?.[2])).toBeGreaterThan(100);
    expect(renderRolloutTimeline(of([]))).toContain('Nothing was rolled out yet.');
  });
});
