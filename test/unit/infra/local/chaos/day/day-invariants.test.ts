import { describe, expect, it } from 'vitest';
import type { AskedRequest } from '../../../../../../infra/local/chaos/day/callers.ts';
import type { DayFacts } from '../../../../../../infra/local/chaos/day/day-facts.ts';
import { DAY_INVARIANTS } from '../../../../../../infra/local/chaos/day/day-invariants.ts';
import type { TimedEffect } from '../../../../../../infra/local/chaos/effects.ts';
import { MINUTE_MS } from '../../../../../../shared/kernel/time.ts';

/** A few minutes of a sound day: each test breaks one thing of it. */

const T = Date.UTC(2001, 0, 9);

const plan = (atMs: number, shares: Readonly<Record<string, number>>): TimedEffect => ({
  kind: 'plan',
  model: 'delta',
  shares,
  atMs,
});
const alias = (atMs: number, lambdaVersion: string, weights: Readonly<Record<string, number>> = {}): TimedEffect => ({
  kind: 'alias',
  by: 'shift-traffic',
  model: 'brook',
  lambdaVersion,
  weights,
  atMs,
});
const request = (unit: string, atMs: number, version: number): AskedRequest => ({
  model: 'delta',
  predictionIds: [`${unit}-${atMs}`],
  unit,
  askedAtMs: atMs,
  answeredAtMs: atMs,
  status: 200,
  version,
});
const capture = (predictionId: string, requestId: string) => ({
  predictionId,
  requestId,
  atMs: T,
  version: 1,
  principal: 'ann',
});
const rollout = (change: object = {}) => ({
  model: 'brook',
  rolloutId: 'r-2',
  kind: 'model',
  version: 2,
  status: 'ROLLED_BACK',
  startedAtMs: T,
  endedAtMs: T + 10 * MINUTE_MS,
  lambdaVersion: '3',
  previousLambdaVersion: '2',
  weights: [0.2, 0],
  ...change,
});
const model = (name: string, change: object = {}) => ({
  name,
  latestVersion: 2,
  champion: 1,
  deployment: { version: 1 },
  versions: [],
  runVersions: {},
  runs: [],
  rollouts: [],
  alias: { lambdaVersion: '2', weights: {} },
  pins: {},
  artifacts: [],
  answered: [],
  captured: [],
  captureFailures: 0,
  windows: [],
  ...change,
});

const day = (change: object = {}): DayFacts =>
  ({
    notes: { brought: [], kills: [], calledBack: [], updates: [] },
    alias: {
      models: [],
      lineage: [],
      executions: [],
      effects: [],
      mails: [],
      deadLetters: {},
      alarms: [],
      problems: [],
    },
    models: [model('brook'), model('delta')],
    requests: [],
    captures: {},
    captureFailures: {},
    usage: [],
    decisions: [],
    effects: [],
    ...change,
  }) as unknown as DayFacts;

const breachesOf = (name: string, facts: DayFacts): readonly string[] => {
  const found = DAY_INVARIANTS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no claim ${name}`);
  return found.judge(facts).breaches;
};

describe('no answered prediction is lost beyond what CaptureFailed counts', () => {
  const name = 'no answered prediction is lost beyond what CaptureFailed counts';
  const lossOf = (counts: readonly { readonly atMs: number; readonly count: number }[]): DayFacts =>
    day({
      models: [
        model('brook', {
          answered: [
            { predictionId: 'a', atMs: T },
            { predictionId: 'b', atMs: T },
          ],
          captured: [{ predictionId: 'a' }, { predictionId: 'a' }],
        }),
      ],
      captureFailures: { brook: counts },
    });

  it('lets what its minute counts be lost, and no more', () => {
    expect(breachesOf(name, lossOf([{ atMs: T, count: 1 }]))).toEqual([]);
    expect(breachesOf(name, lossOf([]))).toEqual([expect.stringContaining('1 answered predictions are not captured')]);
    expect(breachesOf(name, lossOf([{ atMs: T + 10 * MINUTE_MS, count: 5 }]))).toHaveLength(1);
  });
});

describe('usage counts each captured request once', () => {
  const name = 'usage counts each captured request once';
  const captures = { brook: [capture('a', 'r1'), capture('b', 'r1'), capture('a', 'r1'), capture('c', 'r2')] };
  const usage = (requestCount: number) => [
    { model: 'brook', day: '2001-01-09', version: 1, client: 'ann', requestCount },
  ];

  it.each([
    [2, []],
    [4, [expect.stringContaining('counts 4 requests, captured are 2')]],
    [1, [expect.stringContaining('counts 1 requests, captured are 2')]],
  ])('a count of %i of two requests in four lines', (count, breaches) => {
    expect(breachesOf(name, day({ captures, usage: usage(count) }))).toEqual(breaches);
  });

  it('is broken by a count of nobody’s requests', () => {
    expect(breachesOf(name, day({ usage: usage(1) }))).toHaveLength(1);
  });
});

describe('what is decided gives traffic back within a minute', () => {
  const name = 'what is decided gives traffic back within a minute';
  const back = (afterMs: number, change: object = {}): DayFacts =>
    day({
      models: [model('brook', { rollouts: [rollout()] })],
      effects: [alias(T, '2', { 3: 0.2 }), alias(T + MINUTE_MS + afterMs, '2')],
      decisions: [{ model: 'brook', rolloutId: 'r-2', by: 'judge', atMs: T + MINUTE_MS }],
      ...change,
    });

  it('holds up to the minute, is broken beyond it, and by traffic that never goes back', () => {
    expect(breachesOf(name, back(MINUTE_MS))).toEqual([]);
    expect(breachesOf(name, back(MINUTE_MS + 1_000))).toEqual([expect.stringContaining('had traffic 61.0 s after')]);
    expect(breachesOf(name, back(0, { effects: [alias(T, '2', { 3: 0.2 })] }))).toEqual([
      expect.stringContaining('never gave its traffic back'),
    ]);
  });

  it('is broken by an answer of the version later than that', () => {
    const late = { ...request('u', T + 3 * MINUTE_MS, 2), model: 'brook' };

    expect(breachesOf(name, back(0, { requests: [late] }))).toEqual([expect.stringContaining('answered 1 requests')]);
  });

  it('counts the first who decided', () => {
    const decisions = [
      { model: 'brook', rolloutId: 'r-2', by: 'workflow', atMs: T + 2 * MINUTE_MS },
      { model: 'brook', rolloutId: 'r-2', by: 'person', atMs: T + 30_000 },
    ];

    expect(breachesOf(name, back(MINUTE_MS, { decisions }))).toEqual([expect.stringContaining('after the person')]);
  });
});

describe('the reconciler restores what a dead rollout left, within its period', () => {
  const name = 'the reconciler restores what a dead rollout left, within its period';
  const dead = (minutes: number, change: object = {}): DayFacts =>
    day({
      notes: { ...day().notes, kills: [{ model: 'brook', rolloutId: 'r-2', atMs: T + MINUTE_MS }] },
      models: [model('brook', { rollouts: [rollout({ endedAtMs: T + (1 + minutes) * MINUTE_MS })], ...change })],
      effects: [alias(T, '2', { 3: 0.2 }), alias(T + (1 + minutes) * MINUTE_MS, '2')],
    });

  it('is broken by a lease that is held and by a longer time', () => {
    expect(breachesOf(name, dead(15))).toEqual([]);
    expect(breachesOf(name, dead(15, { leaseOf: 'r-2' }))).toEqual([expect.stringContaining('holds the lease')]);
    expect(breachesOf(name, dead(30))).toEqual([expect.stringContaining('it took 1800.0 s')]);
  });
});

describe('a template update in mid-canary fails no request and moves no traffic', () => {
  const name = 'a template update in mid-canary fails no request and moves no traffic';
  const updated = (change: object, more: object = {}): DayFacts => {
    const update = { fromMs: T, toMs: T + MINUTE_MS, before: [{ 2: 1 }], after: [{ 2: 1 }], ...more };
    return day({ notes: { ...day().notes, updates: [update] }, ...change });
  };

  it('lets a rollout take its own step meanwhile', () => {
    const own = [model('brook', { rollouts: [rollout({ shifts: [{ weight: 0.5, atMs: T + 1 }] })] })];

    expect(breachesOf(name, updated({ models: own, effects: [alias(T + 1, '2')] }))).toEqual([]);
  });

  it('is broken by a request, a move and another division', () => {
    const failed = { ...request('u', T + 1_000, 1), status: 502 };

    expect(breachesOf(name, updated({ requests: [request('u', T + 1_000, 1)] }))).toEqual([]);
    expect(breachesOf(name, updated({ requests: [failed] }))).toEqual([expect.stringContaining('was answered 502')]);
    expect(breachesOf(name, updated({ effects: [alias(T + 1, '2')] }))).toHaveLength(1);
    expect(breachesOf(name, updated({}, { after: [{ 2: 0.5, 3: 0.5 }] }))).toHaveLength(1);
  });
});

describe('a unit has one version at a time, and does not flip back', () => {
  const name = 'a unit has one version at a time, and does not flip back';
  const effects = [plan(T, { 1: 8_000, 2: 2_000 }), plan(T + MINUTE_MS, { 1: 5_000, 2: 5_000 })];
  const later = T + 2 * MINUTE_MS;

  it('lets a unit move with the ramp, and anything be while a plan is being heard of', () => {
    const requests = [request('a', T + 40_000, 1), request('a', T + MINUTE_MS + 1_000, 1), request('a', later, 2)];

    expect(breachesOf(name, day({ effects, requests }))).toEqual([]);
  });

  it('is broken by two versions under one plan, and by a way back while the share rises', () => {
    const twice = [request('a', T + 40_000, 1), request('a', T + 50_000, 2)];
    const back = [request('a', T + 40_000, 2), request('a', later, 1)];

    expect(breachesOf(name, day({ effects, requests: twice }))).toEqual([expect.stringContaining('at once')]);
    expect(breachesOf(name, day({ effects, requests: back }))).toEqual([expect.stringContaining('flipped back')]);
  });

  it('lets a unit go back when the share falls', () => {
    const fallen = [...effects.slice(0, 1), plan(T + MINUTE_MS, { 1: 10_000, 2: 0 })];

    expect(
      breachesOf(name, day({ effects: fallen, requests: [request('a', T + 40_000, 2), request('a', later, 1)] })),
    ).toEqual([]);
  });
});

describe('rollouts end as they should', () => {
  it('is broken by another end of the newest one', () => {
    const notes = { ...day().notes, brought: [{ model: 'brook', version: 2, ending: 'ROLLED_BACK' }] };
    const models = [model('brook', { rollouts: [rollout()] })];
    const again = [
      model('brook', { rollouts: [rollout(), rollout({ rolloutId: 'r-3', startedAtMs: T + 1, status: 'PROMOTED' })] }),
    ];

    expect(breachesOf('rollouts end as they should', day({ notes, models }))).toEqual([]);
    expect(breachesOf('rollouts end as they should', day({ notes, models: again }))).toEqual([
      expect.stringContaining('version 2 is PROMOTED'),
    ]);
  });
});

describe('everything is at rest in the end', () => {
  it.each([{ rollouts: [rollout({ status: 'RUNNING' })] }, { leaseOf: 'r-2' }, { champion: 2 }])(
    'is broken by %j',
    (change) => {
      expect(breachesOf('everything is at rest in the end', day({ models: [model('brook', change)] }))).toHaveLength(1);
    },
  );
});
