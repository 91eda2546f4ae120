import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { MlTestScoreSchema } from '../../../../../shared/contracts/ml-test-score.ts';
import {
  type ModelRecords,
  type ScoreOfDay,
  scoreModelTests,
  withWords,
} from '../../../../../shared/core/ml-test-score/index.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';
import { completeRecords, rollBackOf, SCORED_AT_MS, vouched } from '../../../../helpers/model-records.ts';
import { fc } from '../../../../helpers/properties.ts';

const scoreOf = (records: ModelRecords) => scoreModelTests(records, { day: '2026-11-21', earlier: [] });

const pointsOf = (records: ModelRecords): Readonly<Record<string, number>> =>
  Object.fromEntries(
    scoreOf(records).sections.flatMap(({ items }) => items.map(({ item, points }) => [item, points] as const)),
  );

const FULL = completeRecords();
const withoutScore = (item: string): Partial<ModelRecords> => ({
  scores: FULL.scores.filter(({ dataset }) => dataset !== `ml-test:${item}`),
});
const NOTHING: ModelRecords = {
  model: 'toy',
  nowMs: SCORED_AT_MS,
  scores: [],
  versions: [],
  runs: [],
  rollouts: [],
  featureLists: [],
  reproductions: [],
  releases: [],
  attestations: [],
};
const old = <K extends 'drift' | 'skew' | 'performance' | 'tests' | 'trace'>(key: K): Partial<ModelRecords> => {
  const record = FULL[key];
  return record === undefined ? {} : { [key]: { ...record, atMs: SCORED_AT_MS - 5 * DAY_MS } };
};

/** What is taken away, and what its items have then. */
const REMOVALS: readonly (readonly [what: string, change: Partial<ModelRecords>, then: Record<string, number>])[] = [
  ['the bill of materials', { materials: undefined }, { 'data-1': 0, 'model-1': 0.5 }],
  [
    'the report on the training rows',
    { featureReport: undefined },
    { 'data-1': 0.5, 'monitoring-1': 0, 'monitoring-2': 0 },
  ],
  ['the drift reports', { drift: undefined }, { 'data-1': 0.5, 'monitoring-2': 0.5, 'monitoring-5': 0.5 }],
  ['drift reports of the last days', old('drift'), { 'data-1': 0.5, 'monitoring-2': 0.5, 'monitoring-5': 0.5 }],
  ['the evaluation report', { report: undefined }, { 'data-2': 0, 'model-5': 0.5, 'model-6': 0 }],
  [
    'the verdict of the gate',
    { evaluation: undefined },
    { 'model-5': 0, 'model-6': 0, 'infrastructure-4': 0, 'monitoring-5': 0 },
  ],
  ['results on data-3', withoutScore('data-3'), { 'data-3': 0 }],
  ['results on data-4', withoutScore('data-4'), { 'data-4': 0 }],
  ['results on data-5', withoutScore('data-5'), { 'data-5': 0 }],
  ['results on data-7', withoutScore('data-7'), { 'data-7': 0 }],
  ['results on model-3', withoutScore('model-3'), { 'model-3': 0 }],
  ['results on infrastructure-2', withoutScore('infrastructure-2'), { 'infrastructure-2': 0 }],
  ['results on infrastructure-3', withoutScore('infrastructure-3'), { 'infrastructure-3': 0.5 }],
  ['the features of the version before', { featureLists: FULL.featureLists.slice(0, 1) }, { 'data-6': 0.5 }],
  ['the runs', { runs: [], run: undefined }, { 'data-6': 0, 'infrastructure-3': 0, 'monitoring-6': 0 }],
  [
    'the rollouts',
    { rollouts: [] },
    {
      'data-6': 0,
      'infrastructure-3': 0,
      'infrastructure-4': 0.5,
      'infrastructure-6': 0,
      'infrastructure-7': 0,
    },
  ],
  ['the roll-back', { rollouts: FULL.rollouts.slice(1) }, { 'infrastructure-7': 0 }],
  [
    'the steps of the canary',
    { rollouts: FULL.rollouts.map(({ shifts, ...rest }) => ({ ...rest, shifts: shifts?.slice(-1) ?? [] })) },
    { 'infrastructure-6': 0.5 },
  ],
  [
    'the version beside the canary',
    { rollouts: FULL.rollouts.map(({ previousVersion: _, ...rest }) => rest) },
    { 'data-6': 0.5, 'infrastructure-6': 0.5 },
  ],
  [
    'the person who approved',
    { version: FULL.version && { ...FULL.version, decidedBy: 'policy:automatic' } },
    { 'model-1': 0 },
  ],
  [
    'the policy that asks for one',
    { definition: FULL.definition && { ...FULL.definition, approval: 'automatic' } },
    { 'model-1': 0.5 },
  ],
  ['the losses of versions in service', { releases: [] }, { 'model-2': 0 }],
  ['those of all versions but two', { releases: FULL.releases.slice(0, 2) }, { 'model-2': 0.5 }],
  ['the staleness curve', { staleness: undefined }, { 'model-4': 0 }],
  [
    'what retrains by itself',
    { definition: FULL.definition && { ...FULL.definition, retrainsOn: [] } },
    { 'model-4': 0.5 },
  ],
  ['the performance reports', { performance: undefined }, { 'model-6': 0.5, 'model-7': 0, 'monitoring-7': 0 }],
  ['performance reports of the last days', old('performance'), { 'model-6': 0.5, 'model-7': 0.5, 'monitoring-7': 0.5 }],
  ['the reproductions', { reproductions: [] }, { 'infrastructure-1': 0 }],
  [
    'that of the version in service',
    { reproductions: FULL.reproductions.map((one) => ({ ...one, content: { ...one.content, version: 1 } })) },
    { 'infrastructure-1': 0.5 },
  ],
  ['the basis of explanations', { explanation: undefined }, { 'infrastructure-5': 0 }],
  ['the trace of a prediction', { trace: undefined }, { 'infrastructure-5': 0.5, 'monitoring-5': 0.5 }],
  ['traces of the last days', old('trace'), { 'infrastructure-5': 0.5, 'monitoring-5': 0.5 }],
  ['the audits of served features', { skew: undefined }, { 'monitoring-3': 0 }],
  ['those of the last days', old('skew'), { 'monitoring-3': 0.5 }],
  ['the daily tests', { tests: undefined }, { 'monitoring-1': 0.5, 'monitoring-4': 0.5 }],
  [
    'the daily tests and the replay',
    { tests: undefined, replay: undefined },
    { 'monitoring-1': 0.5, 'monitoring-4': 0.5, 'monitoring-6': 0.5 },
  ],
  [
    'who is notified',
    { definition: FULL.definition && { ...FULL.definition, notificationCount: 0 } },
    { 'monitoring-1': 0.5 },
  ],
  ['the replay and the time of the earlier run', { runs: FULL.runs.slice(0, 1) }, { 'monitoring-6': 0 }],
];

describe('the score of a model', () => {
  it('is 7 with everything on record, each item with evidence that says where it is', () => {
    const score = scoreOf(FULL);

    expect(score.score).toBe(7);
    expect(score.sections.map(({ points, items }) => [points, items.length])).toEqual([
      [7, 7],
      [7, 7],
      [7, 7],
      [7, 7],
    ]);
    const items = score.sections.flatMap((section) => section.items);
    expect(items.filter(({ evidence }) => evidence.length === 0)).toEqual([]);
    expect(items.flatMap(({ evidence }) => evidence).filter(({ where }) => where === '')).toEqual([]);
    expect(items.filter(({ missing, next }) => missing.length > 0 || next !== undefined)).toEqual([]);
    expect(score.nextPoints).toEqual([]);
    expect(score.reading).toBe('exceptional levels of automated testing and monitoring');
  });

  it.each(REMOVALS)('without %s, its items fall and no other', (_, change, then) => {
    const points = pointsOf({ ...FULL, ...change });

    expect(points).toEqual({ ...pointsOf(FULL), ...then });
  });

  it('has, for each item, something whose removal lowers it', () => {
    const lowered = new Set(REMOVALS.flatMap(([, , then]) => Object.keys(then)));

    expect([...lowered].sort()).toEqual(Object.keys(pointsOf(FULL)).sort());
  });

  it('is 0 with nothing on record, and every item says what is missing and how to get it', () => {
    const score = scoreOf(NOTHING);

    expect(score.score).toBe(0);
    const items = score.sections.flatMap((section) => section.items);
    expect(items.filter(({ points, evidence }) => points !== 0 || evidence.length > 0)).toEqual([]);
    expect(items.filter(({ missing, next }) => missing.length === 0 || next === undefined)).toEqual([]);
    expect(score.reading).toBe('more of a research project than a production system');
  });

  it('counts no evidence that speaks against its item', () => {
    const report = FULL.report && {
      ...FULL.report,
      content: {
        ...FULL.report.content,
        importance: [{ feature: 'size', lossIncrease: 0.1, interval: { lower: -0.01, upper: 0.2 } }],
        slices: [{ feature: 'colour', value: 'red', rowCount: 50, labelMean: 0, loss: 0.6 }],
        simplerModel: { what: 'a stump', loss: 0.39, lossAboveCandidate: { mean: -0.01, lower: -0.02, upper: 0 } },
      },
    };
    const failed = FULL.scores.map((score) => ({ ...score, metrics: { passed: 11, failed: 1 } }));
    const reproductions = FULL.reproductions.map((one) => ({
      ...one,
      content: { ...one.content, outcome: 'different' as const },
    }));
    const trace = FULL.trace && {
      ...FULL.trace,
      content: { ...FULL.trace.content, difference: 0.1, notFiniteCount: 1 },
    };

    const points = pointsOf({ ...FULL, report, scores: failed, reproductions, trace, rollouts: [rollBackOf(900)] });

    expect(points).toMatchObject({
      'data-2': 0.5,
      'model-5': 0.5,
      'model-6': 0,
      'data-5': 0,
      'infrastructure-1': 0,
      'infrastructure-5': 0.5,
      'infrastructure-7': 0.5,
      'monitoring-5': 0.5,
    });
  });

  it('tells no seconds of a canary that was stopped: it is on record as over before its traffic moves', () => {
    const drill = rollBackOf(3);
    const endedAtMs = drill.startedAtMs + DAY_MS;
    const stopped = {
      ...drill,
      rolloutId: 'canary',
      kind: 'model' as const,
      status: 'ROLLED_BACK' as const,
      endedAtMs,
      weights: [0.1, 0],
      shifts: [
        { weight: 0.1, atMs: drill.startedAtMs },
        { weight: 0, atMs: endedAtMs },
      ],
      decision: { action: 'roll back' as const, reason: 'drill', decidedBy: 'ann', decidedAtMs: endedAtMs },
    };
    const untried = { ...stopped, weights: [], shifts: [] };
    const { decision: _, ...unsaid } = drill;
    const byPlan = { ...unsaid, weights: [], shifts: [] };
    const itemOf = (rollouts: ModelRecords['rollouts']) =>
      scoreOf({ ...FULL, rollouts })
        .sections.flatMap(({ items }) => items)
        .find(({ item }) => item === 'infrastructure-7');

    expect(itemOf([stopped])).toMatchObject({
      points: 0.5,
      evidence: [{ what: expect.stringMatching(/lost its traffic by ann$/) }],
      missing: ['no roll-back of the last 180 days has its seconds on record'],
    });
    expect(itemOf([untried])).toMatchObject({ points: 0 });
    expect(itemOf([byPlan])).toMatchObject({
      points: 0.5,
      evidence: [{ what: expect.stringMatching(/was gone back to by a person$/) }],
    });
    expect(itemOf([stopped, drill])).toMatchObject({ points: 1 });
    expect(itemOf([rollBackOf(0)])?.evidence[0]?.what).toMatch(/by ann within a second$/);
  });

  it('asks for what is missing, not for what the definition has', () => {
    const itemOf = (change: Partial<ModelRecords>, item: string) =>
      scoreOf({ ...FULL, ...change })
        .sections.flatMap(({ items }) => items)
        .find((one) => one.item === item);
    const alone = { ...FULL.version, decidedBy: 'bob', approvals: [] } as NonNullable<ModelRecords['version']>;
    const unfair = FULL.performance && {
      ...FULL.performance,
      content: { ...FULL.performance.content, fairness: undefined },
    };
    const unasked = FULL.drift && {
      ...FULL.drift,
      content: { ...FULL.drift.content, rowCount: 0, watchedColumnCount: undefined },
    };
    const advice = scoreOf({ ...FULL, version: alone }).nextPoints.find(({ item }) => item === 'model-1');

    expect(itemOf({ version: alone }, 'model-1')?.missing).toEqual([
      expect.stringMatching(/^nobody but bob looked at version \d+: who brought it approved it$/),
    ]);
    expect(advice?.action).not.toContain('mode: "manual"');
    expect(itemOf({ performance: unfair }, 'model-7')?.missing).toContain(
      'the daily check compared no groups of labelled predictions',
    );
    expect(itemOf({ drift: unasked }, 'monitoring-5')?.missing).toContain(
      'no prediction came in the window of the drift check',
    );
  });

  it('never rises when a record is taken away', () => {
    const keys = Object.keys(FULL).filter((key) => !['model', 'nowMs', 'attestations'].includes(key));
    const full = pointsOf(FULL);
    fc.assert(
      fc.property(fc.subarray(keys), fc.constantFrom(...keys), (kept, more) => {
        const take = (names: readonly string[]): ModelRecords => ({
          ...NOTHING,
          ...Object.fromEntries(names.map((name) => [name, FULL[name as keyof ModelRecords]])),
        });
        const [fewer, greater] = [pointsOf(take(kept)), pointsOf(take([...kept, more]))];
        for (const [item, points] of Object.entries(fewer)) {
          expect(greater[item]).toBeGreaterThanOrEqual(points);
          expect(full[item]).toBeGreaterThanOrEqual(points);
        }
      }),
    );
  });
});

describe('what raises it', () => {
  it('comes from the weakest section first, then the cheapest', () => {
    const score = scoreOf({ ...FULL, ...withoutScore('data-5'), reproductions: [], rollouts: FULL.rollouts.slice(1) });

    // Infrastructure has 5, data 6.
    expect(score.score).toBe(5);
    expect(score.nextPoints.map(({ item, effort }) => [item, effort])).toEqual([
      ['infrastructure-1', 'command'],
      ['infrastructure-7', 'command'],
      ['data-5', 'attest'],
    ]);
    expect(score.nextPoints[0]?.action).toBe('millrace reproduce toy@2');
  });
});

describe('a person’s word', () => {
  it('is half a point while it stands, never more, and says who gave it', () => {
    const without = { ...FULL, ...withoutScore('data-5') };
    const score = scoreOf({ ...without, attestations: [vouched('data-5'), vouched('data-1')] });
    const items = score.sections.flatMap((section) => section.items);

    expect(items.find(({ item }) => item === 'data-5')).toMatchObject({
      points: 0.5,
      recordedPoints: 0,
      attestation: { by: 'ann', note: 'reviewed by hand, see the wiki' },
      next: { points: 1, effort: 'work' },
    });
    expect(items.find(({ item }) => item === 'data-1')).toMatchObject({ points: 1 });
    const later = { ...without, nowMs: SCORED_AT_MS + 180 * DAY_MS, attestations: [vouched('data-5')] };
    expect(pointsOf(later)['data-5']).toBe(0);
  });

  it('given or expired after the score was made is told by the score as if it were made then', () => {
    const without = { ...FULL, scores: [] };
    const stored = scoreOf({ ...without, attestations: [vouched('model-3')] });

    const now = withWords(stored, [vouched('data-5')], SCORED_AT_MS);

    expect(now).toEqual(scoreOf({ ...without, attestations: [vouched('data-5')] }));
    expect(withWords(now, [vouched('model-3')], SCORED_AT_MS)).toEqual(stored);
    expect(now.score).toBe(3.5);
    expect(stored.score).toBe(3);
  });
});

describe('the trend', () => {
  const dayOf = (index: number): ScoreOfDay => ({
    day: new Date(Date.UTC(2026, 7, 1) + index * DAY_MS).toISOString().slice(0, 10),
    score: 3,
    sections: { data: 3, model: 4, infrastructure: 5, monitoring: 6 },
  });

  it('keeps the last 90 days, this one last and once', () => {
    const earlier = Array.from({ length: 120 }, (_, i) => dayOf(i));

    const { trend } = scoreModelTests(FULL, { day: '2026-11-21', earlier });

    expect(trend).toHaveLength(90);
    expect(trend.at(-1)).toEqual({
      day: '2026-11-21',
      score: 7,
      sections: { data: 7, model: 7, infrastructure: 7, monitoring: 7 },
    });
    expect(trend.filter(({ day }) => day >= '2026-11-21')).toHaveLength(1);
  });
});

it('is stored in the form of its contract', () => {
  const score = scoreOf({ ...FULL, ...withoutScore('data-5'), attestations: [vouched('data-5')] });
  const stored: unknown = JSON.parse(JSON.stringify(score));

  expect(v.parse(MlTestScoreSchema, stored)).toEqual(stored);
});
