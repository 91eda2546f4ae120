import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/judge-canary/handler.ts';
import { createMemoryRolloutEvidence } from '../../../../shared/adapters/memory/rollout-evidence.ts';
import type { FailureRecord, PredictionRecord } from '../../../../shared/contracts/capture.ts';
import { defineModel, type ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';
import type { Rollout } from '../../../../shared/core/registry/index.ts';
import { MINUTE_MS, SECOND_MS } from '../../../../shared/kernel/time.ts';
import type { RolloutEvidence } from '../../../../shared/ports/rollout-evidence.ts';
import type { ServingMetrics } from '../../../../shared/ports/serving-functions.ts';

const STARTED_MS = Date.UTC(2026, 10, 2, 12);
const at = (minutes: number): number => STARTED_MS + minutes * MINUTE_MS;

const ROLLOUT: Rollout = {
  model: 'toy',
  rolloutId: 'r-1',
  kind: 'model',
  version: 2,
  status: 'RUNNING',
  startedAtMs: STARTED_MS,
  lambdaVersion: '3',
  previousLambdaVersion: '2',
  previousVersion: 1,
  weights: [0.5],
  shifts: [{ weight: 0.5, atMs: STARTED_MS }],
};

const definitionWith = (deployment: object) =>
  defineModel({
    name: 'toy',
    owner: 'a-team',
    task: 'binary-classification',
    data: { dataset: 'toys', source: { package: 'p', file: 'f' }, featuresSql: 'SELECT 1' },
    features: [{ name: 'x', type: 'number' }],
    deployment: { canarySteps: [0.5, 1], bakeMinutes: 60, ...deployment } as ModelDefinitionInput['deployment'],
  });

interface Served {
  /** Requests and failures a minute, by published version. */
  readonly counts?: (lambdaVersion: string, minute: number) => readonly [requests: number, failures: number];
  readonly lines?: readonly (PredictionRecord | FailureRecord)[];
  readonly rollout?: Partial<Rollout>;
  readonly deployment?: object;
}

/** An object a minute, which arrives with its last line. */
const objectsOf = (lines: readonly (PredictionRecord | FailureRecord)[]) =>
  [...Map.groupBy(lines, ({ atMs }) => Math.floor(atMs / MINUTE_MS))].map(([minute, own]) => {
    const lastModifiedMs = (minute + 1) * MINUTE_MS;
    const [day = '', time = ''] = new Date(lastModifiedMs).toISOString().split('T');
    const key = `capture/toy/${day.replaceAll('-', '/')}/${time.slice(0, 2)}/${minute}`;
    const body = gzipSync(own.map((line) => JSON.stringify(line)).join('\n'));
    return { key, sizeBytes: body.byteLength, etag: '', lastModifiedMs, body };
  });

const open = ({ counts = () => [0, 0], lines = [], rollout = {}, deployment = {} }: Served) => {
  const evidence = createMemoryRolloutEvidence();
  const looks = async () => (await evidence.listLooks('toy', 'r-1', 100)).items;
  let nowMs = STARTED_MS;
  const asked: { readonly fromMs: number; readonly toMs: number }[] = [];
  const metrics: ServingMetrics = {
    countRequests: async ({ lambdaVersion, fromMs, toMs }) => {
      asked.push({ fromMs, toMs });
      let [requestCount, failureCount] = [0, 0];
      for (let minuteMs = fromMs; minuteMs < toMs; minuteMs += MINUTE_MS) {
        const [requests, failures] = counts(lambdaVersion, (minuteMs - STARTED_MS) / MINUTE_MS);
        requestCount += requests;
        failureCount += failures;
      }
      return { requestCount, failureCount };
    },
  };
  const objects = objectsOf(lines);
  const handler = createHandler({
    definitions: new Map([['toy', definitionWith(deployment)]]),
    registry: { getRollout: async () => ({ ...ROLLOUT, ...rollout }) },
    metrics,
    captures: {
      list: async (prefix) => objects.filter(({ key }) => key.startsWith(prefix)),
      get: async (key) => objects.find((object) => object.key === key)?.body ?? new Uint8Array(),
    },
    evidence,
    clock: { nowMs: () => nowMs },
  });
  const look = async (minutes: number, lookIndex?: number, more: object = {}) => {
    nowMs = at(minutes);
    return handler({
      model: 'toy',
      rolloutId: 'r-1',
      functionName: 'millrace-local-infer-toy',
      steps: [0.5, 1],
      bakeSeconds: 3_600,
      stepIndex: 0,
      stepStartedAtMs: STARTED_MS,
      lookIndex: lookIndex ?? (await looks()).length,
      ...more,
    });
  };
  return { look, looks, evidence, asked };
};

describe('a look at a canary behind an alias', () => {
  const healthy = (): readonly [number, number] => [20, 0];
  const harmful = (lambdaVersion: string): readonly [number, number] => [20, lambdaVersion === '3' ? 10 : 0];

  it('rolls back by failed requests of closed minutes', async () => {
    const { look, looks } = open({ counts: harmful });

    expect(await look(5)).toMatchObject({ decision: 'roll back', stepIndex: 0 });
    expect((await looks())[0]).toMatchObject({ decidedBy: 'judge', throughMs: at(3), weight: 0.5 });
    expect((await looks())[0]?.reason).toMatch(/^30 of 60 canary requests failed, 0 of 60 of the champion's/);
  });

  it('waits for the next look, takes each minute once, and promotes at the end of the step on evidence', async () => {
    const { look, looks, evidence, asked } = open({ counts: healthy });

    expect(await look(5)).toMatchObject({ decision: 'wait', waitSeconds: 300 });
    expect(await look(10)).toMatchObject({ decision: 'wait' });
    expect(await look(60)).toMatchObject({ decision: 'promote', stepIndex: 1 });
    expect((await looks()).at(-1)).toMatchObject({ decidedBy: 'judge', throughMs: at(58) });
    // The day before, then each span of both versions: the shift's own minute apart.
    const spans = asked
      .slice(1)
      .map(({ fromMs, toMs }) => [(fromMs - STARTED_MS) / MINUTE_MS, (toMs - STARTED_MS) / MINUTE_MS]);
    expect(spans).toEqual([
      [0, 1],
      [0, 1],
      [1, 3],
      [1, 3],
      [3, 8],
      [3, 8],
      [8, 58],
      [8, 58],
    ]);
    expect((await evidence.get('toy', 'r-1'))?.state.cells[0]?.canary[0]).toBe(58 * 20);
  });

  it('is the look that stands when it is asked for again', async () => {
    let failing = false;
    const { look, looks } = open({ counts: (version) => (failing ? harmful(version) : healthy()) });
    const first = await look(5);
    failing = true;

    expect(await look(6, 0)).toEqual({ ...first, waitSeconds: 240 });
    expect(await looks()).toHaveLength(1);
    expect(await look(10)).toMatchObject({ decision: 'roll back' });
  });

  it('goes on at the deadline when nothing was asked, and says so', async () => {
    const { look } = open({});
    await look(5);

    expect(await look(60)).toMatchObject({
      decision: 'promote',
      reason: expect.stringMatching(/^no request reached the canary: it goes on by its smoke test alone/),
    });
  });

  it('freezes plan and forecast at the first look', async () => {
    const { look, evidence } = open({ counts: healthy });
    await look(5);

    const { forecast, plan } = (await evidence.get('toy', 'r-1')) as RolloutEvidence;
    expect(forecast.text).toMatch(/^28800 requests on the day before: a canary that is no worse is promoted after/);
    expect(plan.deadlineMs).toBe(at(60));
  });

  it('serves an execution from before looks were counted, which asks when its step is over', async () => {
    const { look, looks } = open({ counts: harmful });
    const old = { steps: undefined, bakeSeconds: undefined, stepIndex: undefined, lookIndex: undefined };

    expect(await look(60, undefined, old)).toMatchObject({ decision: 'roll back' });
    expect(await looks()).toHaveLength(1);
  });

  it('answers what a person decided meanwhile', async () => {
    const over = open({ rollout: { status: 'ROLLED_BACK', reason: 'it looks wrong' } });
    const decision = { action: 'promote', reason: 'enough', decidedBy: 'ann', decidedAtMs: 1 } as const;
    const decided = open({ counts: harmful, rollout: { decision } });

    expect(await over.look(5)).toMatchObject({ decision: 'roll back', reason: 'it looks wrong' });
    expect(await decided.look(5)).toMatchObject({ decision: 'promote', reason: 'ann: enough', stepIndex: 1 });
  });

  it('refuses a rollout without a published version', async () => {
    const { lambdaVersion: _, ...unpublished } = ROLLOUT;
    const { look } = open({ rollout: { ...unpublished, lambdaVersion: undefined } as unknown as Rollout });

    await expect(look(5)).rejects.toThrow('rollout r-1 of toy has no published version');
  });
});

describe('a look at a first version', () => {
  it('rolls it back above its budget, and else its deadline promotes it, whatever is declared', async () => {
    const alone = { ...ROLLOUT, previousVersion: undefined } as unknown as Rollout;
    const deployment = { judge: { atDeadline: 'hold' } };
    const failing = open({ rollout: alone, deployment, counts: () => [10, 5] });
    const sound = open({ rollout: alone, deployment, counts: () => [10, 0] });

    expect(await failing.look(5)).toMatchObject({
      decision: 'roll back',
      reason: expect.stringMatching(/^15 of 30 canary requests failed, shown to be above the budget of 5 %/),
    });
    await sound.look(5);
    expect(await sound.look(60)).toMatchObject({ decision: 'promote' });
  });
});

const prediction = (id: string, minutes: number, over: Partial<PredictionRecord> = {}): PredictionRecord => ({
  kind: 'prediction',
  predictionId: id,
  atMs: at(minutes),
  model: 'toy',
  version: 2,
  modelDigest: 'd',
  lambdaVersion: '3',
  inputs: { x: 1 },
  output: 0.5,
  latencyMs: 5,
  request: { id, rowCount: 1 },
  ...over,
});
const exact = { router: 'exact', routing: { unit: { header: 'x-user' } } };
const failure = (id: string, minutes: number, unit: string): FailureRecord => ({
  kind: 'failure',
  predictionId: id,
  atMs: at(minutes),
  model: 'toy',
  version: 2,
  lambdaVersion: '3',
  status: 502,
  errorName: 'Error',
  latencyMs: 1,
  assignment: { unit, probability: 0.5, plan: 'p#1' },
});

describe('a look at a canary that a plan serves', () => {
  const answered = (id: string, minutes: number, version: number): PredictionRecord =>
    prediction(id, minutes, { version, assignment: { unit: `unit of ${id}`, probability: 0.5, plan: 'p#1' } });
  const rollout = { routing: {} };

  it('counts units, each once, from what has arrived for sure', async () => {
    const sticky = Array.from({ length: 30 }, (_, i) => failure(`f-${i}`, 1, 'one-user'));
    const sound = Array.from({ length: 30 }, (_, i) => answered(`p-${i}`, 1, i % 2 === 0 ? 1 : 2));
    const { look, looks, evidence } = open({ deployment: exact, rollout, lines: [...sticky, ...sound] });

    await look(5);
    await look(25);

    const cell = (await evidence.get('toy', 'r-1'))?.state.cells[0];
    expect(cell?.canary.slice(0, 2)).toEqual([16, 1]);
    expect(cell?.champion.slice(0, 2)).toEqual([15, 0]);
    expect((await looks()).map(({ action, throughMs }) => [action, throughMs])).toEqual([
      ['wait', STARTED_MS],
      ['wait', at(9)],
    ]);
  });

  it('rolls back when many units fail', async () => {
    const failed = Array.from({ length: 20 }, (_, i) => failure(`f-${i}`, 1, `user-${i}`));
    const sound = Array.from({ length: 20 }, (_, i) => answered(`p-${i}`, 1, 1));
    const { look } = open({ deployment: exact, rollout, lines: [...failed, ...sound] });

    expect(await look(25)).toMatchObject({
      decision: 'roll back',
      reason: expect.stringMatching(/^20 of 20 canary requests failed, 0 of 20 of the champion's/),
    });
  });

  it('rings when invocations fail and leave no line, and not for those that left one', async () => {
    const counts = (_: string, minute: number): readonly [number, number] => [
      minute < 0 ? 0 : 10,
      minute === 1 ? 6 : 0,
    ];
    const lines = Array.from({ length: 6 }, (_, i) => failure(`f-${i}`, 1, 'one-user'));
    const crashed = open({ deployment: exact, rollout, counts });
    const told = open({ deployment: exact, rollout, counts, lines });

    expect(await crashed.look(25)).toMatchObject({
      decision: 'roll back',
      reason: expect.stringMatching(/^6 invocations of 90 crashed without a captured failure/),
    });
    expect(await told.look(25)).toMatchObject({ decision: 'wait' });
  });
});

describe('a look at slowness', () => {
  const deployment = { judge: { slowness: { margin: 0.1 } } };
  const answeredBefore = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      prediction(`b-${i}`, -60, { version: 1, lambdaVersion: '2', latencyMs: 1 + (i % 100) / 100 }),
    );
  const during = (latencyMs: number) =>
    Array.from({ length: 120 }, (_, i) => {
      const isCanary = i % 2 === 0;
      const minutes = (i * 5 * SECOND_MS) / MINUTE_MS;
      const own = isCanary ? { latencyMs } : { version: 1, lambdaVersion: '2', latencyMs: 1.5 };
      return prediction(`d-${i}`, minutes, own);
    });

  it('holds answers against the champion’s frozen p99', async () => {
    const { look, evidence } = open({ deployment, lines: [...answeredBefore(200), ...during(50)] });

    const answer = await look(30);

    expect((await evidence.get('toy', 'r-1'))?.slowAboveMs).toBe(1.98);
    expect(answer).toMatchObject({ decision: 'roll back', reason: expect.stringMatching(/slow: \+100 points/) });
  });

  it('is not judged beside a champion that answered too little, and the reason says so', async () => {
    const { look } = open({ deployment, lines: [...answeredBefore(100), ...during(50)] });

    expect(await look(30)).toMatchObject({
      decision: 'wait',
      reason: expect.stringContaining('slowness is not judged: the champion has 100 captured warm latencies'),
    });
  });

  it('leaves a canary alone that is as fast', async () => {
    const { look } = open({ deployment, lines: [...answeredBefore(200), ...during(1.5)] });

    expect(await look(30)).toMatchObject({ decision: 'wait' });
  });
});
