import { describe, expect, it } from 'vitest';
import type { RolloutLook } from '../../../../../shared/core/deployment/index.ts';
import type { Rollout } from '../../../../../shared/core/registry/index.ts';
import { type RolloutFacts, renderRolloutReport, reportRollout } from '../../../../../shared/core/reports/index.ts';
import { drawnRollout, STARTED_MS } from '../../../../helpers/judged-rollouts.ts';

const promoted = drawnRollout({ version: 2, errorShare: 0.02 });
const rolledBack = drawnRollout({ version: 3, errorShare: 0.05 });
const bare = (change: Partial<Rollout>): RolloutFacts => ({
  rollout: { ...promoted.rollout, ...change },
  looks: [],
  looksComplete: true,
});

describe('the evidence of a rollout', () => {
  it('is each row of the looks in order, with the look that first showed it', () => {
    const { evidence } = reportRollout(rolledBack);

    expect(evidence.map(({ metric, slice }) => `${metric} ${slice}`)).toEqual([
      'errors all',
      'errors origin <ORD>',
      'errors long-haul',
      'slow all',
      'slow origin <ORD>',
      'slow long-haul',
      'prediction all',
      'prediction origin <ORD>',
      'prediction long-haul',
    ]);
    const errors = evidence[0];
    const last = rolledBack.looks.at(-1) as RolloutLook;
    expect(errors).toMatchObject({ margin: 0.02, shown: { what: 'worse', lookIndex: last.index } });
    expect(errors?.last).toEqual(last.rows[0]);
    expect(errors?.points.map(({ lower }) => lower)).toEqual(rolledBack.looks.map(({ rows }) => rows[0]?.lower));
    expect(errors?.points.at(-1)?.lower).toBeGreaterThan(0);
  });

  it('of very many looks is a part, with the first, the last and the one that showed it', () => {
    const long = drawnRollout({ version: 4, errorShare: 0.02, running: true, lookCount: 700 });

    const { evidence, lookCount } = reportRollout(long);

    expect(lookCount).toBe(700);
    for (const { points, lookCount: taken, shown } of evidence) {
      expect(taken).toBe(700);
      const instants = points.map(({ throughMs }) => throughMs);
      expect(points.length).toBeLessThanOrEqual(162);
      expect(instants).toEqual(instants.toSorted((a, b) => a - b));
      expect([instants[0], instants.at(-1)]).toEqual([long.looks[0]?.throughMs, long.looks.at(-1)?.throughMs]);
      if (shown !== undefined) expect(instants).toContain(shown.throughMs);
    }
    expect(evidence.some(({ shown }) => shown?.what === 'not worse')).toBe(true);
    const page = renderRolloutReport(reportRollout(long));
    expect(page).toMatch(/After 700 looks, of which 16[0-2] are drawn, the difference is /);
    expect(renderRolloutReport(reportRollout(rolledBack))).toContain(
      `After ${rolledBack.looks.length} looks the difference is `,
    );
  });
});

describe('the decisions on a rollout', () => {
  it('are what looks did beyond waiting, each by what decided it', () => {
    const decided = ({ decisions }: ReturnType<typeof reportRollout>) =>
      decisions.map(({ by, action }) => `${by}: ${action}`);

    expect(decided(reportRollout(rolledBack))).toEqual(['schedule: next step', 'judge: roll back']);
    expect(decided(reportRollout(promoted))).toEqual(['schedule: next step', 'judge: promote']);
  });

  it('hold once, until something else is done, and name the person whose word it was', () => {
    const look = rolledBack.looks[0] as RolloutLook;
    const looks = (['hold', 'hold', 'wait', 'hold', 'promote'] as const).map((action, index) => ({
      ...look,
      index,
      atMs: STARTED_MS + index,
      action,
      decidedBy: action === 'promote' ? 'person' : 'deadline',
    })) as readonly RolloutLook[];
    const decision = {
      action: 'promote',
      reason: 'seen enough',
      decidedBy: 'ann',
      decidedAtMs: STARTED_MS + 3.5,
    } as const;

    const { decisions } = reportRollout({ ...rolledBack, looks, rollout: { ...promoted.rollout, decision } });

    expect(decisions.map(({ action, who = '' }) => `${action} ${who}`)).toEqual([
      'hold ',
      'hold ',
      'promote ann',
      'promote ',
    ]);
    expect(decisions[2]).toMatchObject({ by: 'person', who: 'ann', reason: 'seen enough' });
  });

  it('are the platform’s where no look was taken: its checks, its end, its failure', () => {
    const last = (change: Partial<Rollout>) => reportRollout(bare({ endedAtMs: 9, ...change })).decisions;

    expect(last({ status: 'ROLLED_BACK', reason: 'the smoke test failed' })).toEqual([
      { atMs: 9, by: 'platform', action: 'roll back', reason: 'the smoke test failed' },
    ]);
    expect(last({ status: 'FAILED', reason: 'it died' })).toMatchObject([{ action: 'give up' }]);
    const { endedAtMs: _, ...open } = promoted.rollout;
    expect(
      reportRollout({ rollout: { ...open, status: 'RUNNING' }, looks: [], looksComplete: true }).decisions,
    ).toEqual([]);
  });
});

describe('the report of a rollout', () => {
  it('is the same after a journey as JSON, also where the forecast was never', () => {
    const judged = rolledBack.judged as NonNullable<RolloutFacts['judged']>;
    const never = { ...judged.forecast, unitsNeeded: Number.POSITIVE_INFINITY, hours: Number.POSITIVE_INFINITY };
    const report = reportRollout({ ...rolledBack, judged: { ...judged, forecast: never } });

    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report.forecast).not.toHaveProperty('hours');
    expect(renderRolloutReport(report)).toContain('<td class="s">never</td>');
  });

  it('tells who approved the version, what was foretold and what came', () => {
    const page = renderRolloutReport(reportRollout(promoted));

    expect(page).toContain('arn:aws:iam::000000000000:user/ann');
    expect(page).toContain('better on every day &lt;but one&gt;');
    expect(page).toContain(`Foretold at the start: ${promoted.judged?.forecast.text}`);
    expect(reportRollout(promoted).came).toMatchObject({ canaryUnits: promoted.looks.at(-1)?.rows[0]?.units.canary });
  });

  it.each([
    'Outcome',
    'Traffic',
    'Evidence',
    'Decisions',
    'Forecast and what came',
    'Replay of captured inputs',
    'Paired comparison by day',
    'Approval',
    'How it was judged',
  ])('shows %s', (title) => {
    expect(renderRolloutReport(reportRollout(promoted))).toContain(`<h2>${title}</h2>`);
  });

  it('gives back the traffic at the end of a rollout that was rolled back', () => {
    const page = renderRolloutReport(reportRollout(rolledBack));

    const path = /<polyline class="line candidate" points="([^"]*)"/.exec(page)?.[1]?.split(' ') ?? [];
    const heights = path.map((point) => Number(point.split(',')[1]));
    expect(heights.at(-1)).toBe(heights[0]);
    expect(Math.min(...heights)).toBeLessThan(heights[0] as number);
  });

  it('says so where nothing was compared, and shows a first version’s traffic alone', () => {
    const { previousVersion: _, ...first } = promoted.rollout;

    const page = renderRolloutReport(reportRollout({ rollout: first, looks: [], looksComplete: true }));

    expect(page).toContain('Nothing was in service to compare it with.');
    expect(page).not.toContain('Card of version 1');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });
});
