import { describe, expect, it } from 'vitest';
import { modelSummary, worstFirst } from '../../../../../shared/core/pages/model-summary.ts';
import { bareModelFacts, drawnModelFacts } from '../../../../browser/drawn-model.ts';

const facts = drawnModelFacts();
const newest = facts.driftReports.at(-1);
if (newest === undefined) throw new Error('reports are drawn');

describe('the summary of a model', () => {
  it('says of each part where it stands', () => {
    const summary = modelSummary(facts);

    expect(summary).toMatchObject({
      version: { standing: 'well', text: 'version 3' },
      drift: { standing: 'bad', text: expect.stringMatching(/^drifts, [\d.]+ × limit$/) },
      quality: { standing: 'bad', text: 'log loss 0.545 (0.525 to 0.565)' },
      tests: { standing: 'bad', text: '1 of 3 fail' },
      canary: { text: 'version 3 runs at 50 %' },
      retraining: { standing: 'warned', text: 'failed 2026-11-05' },
      score: { text: '3.5 of 7', detail: expect.stringMatching(/^cheapest next point: /) },
    });
    expect(summary.trend).toHaveLength(facts.driftReports.length);
  });

  it('warns of a run that made no version, and says why', () => {
    const [run] = facts.runs;
    if (run === undefined) throw new Error('runs are drawn');
    const { version: _, ...refused } = { ...run, status: 'FINISHED', outcome: 'AUC 0.61 is below 0.65' } as const;

    expect(modelSummary({ ...facts, runs: [refused] }).retraining).toEqual({
      standing: 'warned',
      text: 'finished, no version, 2026-11-05',
      detail: 'AUC 0.61 is below 0.65',
    });
    expect(modelSummary({ ...facts, runs: [{ ...refused, version: 4 }] }).retraining).toMatchObject({
      standing: 'well',
      text: 'finished 2026-11-05',
    });
  });

  it('says why nothing is known', () => {
    const { model: _, owner, description, atMs, trend, ...parts } = modelSummary(bareModelFacts());

    expect(trend).toEqual([]);
    for (const [name, part] of Object.entries(parts)) {
      expect(part, name).toMatchObject({ standing: 'unknown', text: '–', detail: expect.stringMatching(/^no/) });
    }
  });

  it('reads reports from before there was evidence: PSI by its limit', () => {
    const { decision: _, profiles, volume, freshness, ...report } = newest;
    const old = { ...report, metrics: { predictionPsi: 0.3 } };

    const summary = modelSummary({ ...facts, driftReports: [old] });

    expect(summary.drift.text).toBe('drifts, 1.5 × limit');
    expect(summary.traffic.standing).toBe('well');
  });

  it('warns of too few predictions, and of what is stale', () => {
    const report = {
      ...newest,
      volume: { status: 'too few', reason: '14,696 of about 17,000' },
      freshness: { status: 'stale', reasons: ['the newest label is 3 days old'] },
    } as const;

    const { traffic } = modelSummary({ ...facts, driftReports: [report] });

    expect(traffic).toMatchObject({
      standing: 'warned',
      detail: expect.stringContaining('14,696 of about 17,000; the newest label is 3 days old'),
    });
  });

  it('takes the estimate where no label is in', () => {
    const { performance } = facts;
    if (performance === undefined) throw new Error('a report is drawn');
    const metrics = { logLoss: { value: 0.51, lower: 0.5, upper: 0.52, samplingLower: 0.5, samplingUpper: 0.52 } };
    const estimated = { ...performance.estimated, metrics } as NonNullable<typeof performance.estimated>;

    const { quality } = modelSummary({
      ...facts,
      performance: { ...performance, status: 'not enough labels', quality: [], estimated },
    });

    expect(quality).toMatchObject({ standing: 'unknown', text: 'estimated log loss 0.51 (0.5 to 0.52)' });
  });
});

describe('the fleet', () => {
  it('stands in the order of what calls for somebody', () => {
    const bare = modelSummary(bareModelFacts());
    const bad = modelSummary(facts);
    const well = { ...bad, model: 'well', drift: bad.version, quality: bad.version, tests: bad.version };
    const warned = { ...well, model: 'warned', traffic: bad.retraining };

    expect(worstFirst([bare, well, warned, bad]).map(({ model }) => model)).toEqual(['toy', 'warned', 'well', 'fresh']);
  });
});
