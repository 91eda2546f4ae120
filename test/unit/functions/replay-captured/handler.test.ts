import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/replay-captured/handler.ts';
import { notReplayed } from '../../../../functions/replay-captured/replay.ts';
import { answering, failingOnRealRows } from '../../../../infra/local/chaos/toy-trees.ts';
import { createAnyRuntime } from '../../../../shared/adapters/interpreter/any-runtime.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryShadowDays } from '../../../../shared/adapters/memory/shadow-days.ts';
import { captureDayPrefix, MODEL_FILE } from '../../../../shared/contracts/artifacts.ts';
import type { PredictionRecord } from '../../../../shared/contracts/capture.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import type { ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';
import { type ReplayReport, replayReportKey } from '../../../../shared/contracts/replay.ts';
import { interpretModel } from '../../../../shared/core/interpreter/index.ts';
import type { ModelVersion, Rollout } from '../../../../shared/core/registry/index.ts';
import { NotFoundError, UnavailableError } from '../../../../shared/kernel/errors.ts';
import { DAY_MS, utcDay } from '../../../../shared/kernel/time.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const NOW = Date.UTC(2001, 1, 10, 12);
const EVENT = { model: 'toy', version: 2, kind: 'model', rolloutId: 'r1' } as const;

type Files = ReadonlyMap<string, Uint8Array>;
type Deployment = NonNullable<ModelDefinitionInput['deployment']>;

const prediction = (id: string, atMs: number, inputs: PredictionRecord['inputs'] = { x: 0.5, kind: 'a' }) => ({
  kind: 'prediction',
  predictionId: id,
  atMs,
  model: 'toy',
  version: 1,
  modelDigest: 'd',
  inputs,
  output: 0.5,
  latencyMs: 1,
});

const open = async ({
  challenger = answering(2),
  champion = answering(1),
  deployment = {},
}: {
  readonly challenger?: Files;
  readonly champion?: Files | undefined;
  readonly deployment?: Deployment;
} = {}) => {
  const [artifacts, data] = [createMemoryArtifactStore(), createMemoryArtifactStore()];
  const versions = new Map<number, ModelVersion>();
  for (const [version, files] of [
    [1, champion],
    [2, challenger],
  ] as const) {
    const artifactPrefix = `models/toy/v${version}/`;
    for (const [file, bytes] of files) await artifacts.put(`${artifactPrefix}${file}`, bytes);
    const modelDigest = createHash('sha256')
      .update(files.get(MODEL_FILE) ?? '')
      .digest('hex');
    versions.set(version, { version, model: 'toy', modelDigest, artifactPrefix } as ModelVersion);
  }
  const state: { rollout: Partial<Rollout>; reads: string[]; clockMs: number } = {
    rollout: { previousVersion: 1 },
    reads: [],
    clockMs: 0,
  };
  const reading = (key: string) => {
    state.reads.push(key);
    return data.get(key);
  };
  const tick = () => {
    state.clockMs += 1;
    return state.clockMs;
  };
  const counting = { ...data, get: reading };
  const days = createMemoryShadowDays();
  const handler = createHandler({
    definitions: new Map([['toy', benchDefinition({ deployment })]]),
    registry: {
      getVersion: async (_model, version) => {
        const found = versions.get(version);
        if (found === undefined) throw new NotFoundError(`version ${version} of toy does not exist`);
        return found;
      },
      getRollout: async () => state.rollout as Rollout,
    },
    artifacts,
    data: counting,
    runtime: createAnyRuntime({ interpret: interpretModel, openOther: () => Promise.reject(new Error('not needed')) }),
    stopwatch: { elapsedMs: tick },
    days,
    clock: { nowMs: () => NOW },
  });
  return {
    handler,
    artifacts,
    state,
    days,
    /** Lays captured lines as Firehose does, one object. */
    capture: (daysAgo: number, name: string, lines: readonly object[]) =>
      data.put(
        `${captureDayPrefix('toy', utcDay(NOW - daysAgo * DAY_MS))}10/${name}.gz`,
        gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
      ),
    report: async () =>
      JSON.parse(new TextDecoder().decode(await artifacts.get(replayReportKey('toy', 'r1')))) as ReplayReport,
  };
};

describe('the replay of captured inputs before a rollout’s first request', () => {
  it('refuses a challenger that fails on what callers sent, though it passes its smoke test', async () => {
    const bench = await open({ challenger: failingOnRealRows() });
    await bench.capture(0, 'a', [prediction('p1', NOW - 2), prediction('p2', NOW - 1)]);

    const answer = await bench.handler(EVENT);

    const reason = 'it fails on 2 of 2 captured inputs that were answered before, allowed are 0 %';
    expect(answer).toEqual({ outcome: 'refused', reason });
    expect(await bench.report()).toMatchObject({
      model: 'toy',
      rolloutId: 'r1',
      challenger: 2,
      champion: 1,
      outcome: 'refused',
      reasons: [reason],
      challengerFailures: 2,
      championFailures: 0,
    });
  });

  it('passes one that answers, and reports how far its answers are from the champion’s', async () => {
    const bench = await open({ deployment: { replay: { changedAbove: 0.1 } } });
    const label = { kind: 'label', predictionId: 'p1', model: 'toy', label: 1, knownAtMs: NOW, receivedAtMs: NOW };
    await bench.capture(0, 'a', [prediction('p1', NOW - 5), prediction('p1', NOW - 5), label]);
    await bench.capture(2, 'a', [prediction('p0', NOW - 2 * DAY_MS)]);

    expect(await bench.handler(EVENT)).toEqual({ outcome: 'passed', reason: '' });

    const report = await bench.report();
    const difference = 1 / (1 + Math.exp(-2)) - 1 / (1 + Math.exp(-1));
    expect(report).toMatchObject({
      rowCount: 2,
      fromMs: NOW - 2 * DAY_MS,
      toMs: NOW - 5,
      changedAbove: 0.1,
      notes: [],
    });
    expect(report.parts).toMatchObject([{ slice: 'all', rowCount: 2, changedShare: 1 }]);
    expect(report.parts[0]?.meanDifference).toBeCloseTo(difference, 6);
    expect(report.latency).toEqual({ challengerMs: 1, championMs: 1 });
  });

  it('answers by the report that stands, whatever was captured since', async () => {
    const bench = await open();
    await bench.capture(0, 'a', [prediction('p1', NOW)]);
    const first = await bench.handler(EVENT);
    const report = await bench.report();
    await bench.capture(0, 'b', [prediction('p2', NOW)]);
    bench.state.reads.length = 0;

    expect(await bench.handler(EVENT)).toEqual(first);
    expect(await bench.report()).toEqual(report);
    expect(bench.state.reads).toEqual([]);
  });

  it('answers by the report of another that came first', async () => {
    const bench = await open({ challenger: failingOnRealRows() });
    await bench.capture(0, 'a', [prediction('p1', NOW)]);

    const { putIfAbsent } = bench.artifacts;
    const passed = { ...notReplayed('passed', {}), model: 'toy', rolloutId: 'r1', challenger: 2, atMs: 1 };
    Object.assign(bench.artifacts, {
      putIfAbsent: async (key: string, body: Uint8Array) => {
        await putIfAbsent(key, toJsonFile(passed));
        return putIfAbsent(key, body);
      },
    });

    expect(await bench.handler(EVENT)).toEqual({ outcome: 'passed', reason: '' });
    expect(await bench.report()).toMatchObject({ atMs: 1 });
  });

  it('takes the newest inputs, and reads no more objects than it needs', async () => {
    const bench = await open({ deployment: { replay: { rows: 2 } } });
    await bench.capture(0, 'a', [prediction('p1', NOW - 4), prediction('p2', NOW - 3), prediction('p3', NOW - 2)]);
    await bench.capture(1, 'a', [prediction('old', NOW - DAY_MS)]);

    await bench.handler(EVENT);

    expect(await bench.report()).toMatchObject({ rowCount: 2, fromMs: NOW - 3, toMs: NOW - 2 });
    expect(bench.state.reads).toHaveLength(1);
  });

  it('takes the newest of a day from the objects that were written last', async () => {
    const bench = await open({ deployment: { replay: { rows: 2 } } });
    for (const [i, name] of [...'abcdefghij'].entries())
      await bench.capture(0, name, [prediction(name, NOW - 100 + i)]);

    await bench.handler(EVENT);

    expect(await bench.report()).toMatchObject({ rowCount: 2, fromMs: NOW - 92, toMs: NOW - 91 });
    expect(bench.state.reads).toHaveLength(8);
  });

  it('does not hold a feature that captured inputs lack against the challenger', async () => {
    const bench = await open({ challenger: failingOnRealRows() });
    await bench.capture(0, 'a', [prediction('p1', NOW, { x: 0.5 })]);

    expect(await bench.handler(EVENT)).toEqual({ outcome: 'passed', reason: '' });
    expect(await bench.report()).toMatchObject({
      rowCount: 1,
      notComparableCount: 1,
      challengerFailures: 0,
      notes: ['1 of 1 captured inputs have no kind as the challenger reads it: not comparable'],
    });
  });

  it.each([
    ['nothing was captured', {}, EVENT, 'nothing captured', 'no prediction was captured in 30 days'],
    ['it is turned off', { replay: { rows: 0 } }, EVENT, 'passed', 'deployment.replay.rows is 0: nothing was replayed'],
    [
      'the code is new and the model is not',
      {},
      { ...EVENT, kind: 'code' },
      'passed',
      'new code for the same model: no other answers to compare',
    ],
  ] as const)('says so where %s, and passes', async (_, deployment, event, outcome, note) => {
    const bench = await open({ deployment, challenger: failingOnRealRows() });
    if (outcome === 'passed') await bench.capture(0, 'a', [prediction('p1', NOW)]);

    expect(await bench.handler(event)).toEqual({ outcome, reason: '' });
    expect(await bench.report()).toMatchObject({ outcome, notes: [note], parts: [] });
  });

  it('asks the challenger alone where no version is in service, or the champion’s bytes are gone', async () => {
    const first = await open({ challenger: failingOnRealRows() });
    first.state.rollout = {};
    await first.capture(0, 'a', [prediction('p1', NOW)]);
    const gone = await open();
    gone.state.rollout = { previousVersion: 7 };
    await gone.capture(0, 'a', [prediction('p1', NOW)]);

    expect(await first.handler(EVENT)).toMatchObject({ outcome: 'refused' });
    expect(await gone.handler(EVENT)).toEqual({ outcome: 'passed', reason: '' });
    expect(await gone.report()).toMatchObject({
      parts: [],
      notes: ['the champion could not be asked: version 7 of toy does not exist'],
    });
  });

  it.each([
    ['gate', 1, 'refused', /^by paired shadow scoring worse on 8 of 8 days through 2001-02-08: the median day’s loss/],
    ['gate', -1, 'passed', /^$/],
    ['report', 1, 'passed', /^$/],
  ] as const)(
    'lets paired scoring that may %s and found a difference of %d decide: %s',
    async (decide, meanDifference, outcome, reason) => {
      const bench = await open({ deployment: { shadow: { labelDelayDays: 1, decide } } });
      for (let day = 1; day <= 8; day += 1) {
        const losses = { rowCount: 500, meanDifference, sumOfSquares: 1, championLoss: 1, challengerLoss: 1 };
        const pair = { model: 'toy', challenger: 2, champion: 1 };
        await bench.days.putIfAbsent({ ...pair, day: `2001-02-0${day}`, ...losses, computedAtMs: NOW });
      }

      const answer = await bench.handler(EVENT);

      expect(answer.outcome === 'nothing captured' ? 'passed' : answer.outcome).toBe(outcome);
      expect(answer.reason).toMatch(reason);
    },
  );

  it('refuses a challenger whose bytes are not what was registered', async () => {
    const bench = await open();
    await bench.artifacts.put(`models/toy/v2/${MODEL_FILE}`, answering(3).get(MODEL_FILE) as Uint8Array);
    await bench.capture(0, 'a', [prediction('p1', NOW)]);

    expect((await bench.handler(EVENT)).reason).toMatch(
      /^it cannot be loaded: the model of toy@2 must have the digest/,
    );
  });

  it('leaves to be tried again what may pass by itself, and writes nothing', async () => {
    const bench = await open();
    await bench.capture(0, 'a', [prediction('p1', NOW)]);
    const { artifacts } = bench;
    const get = artifacts.get;
    Object.assign(artifacts, {
      get: async (key: string) => {
        if (key.endsWith(MODEL_FILE)) throw new UnavailableError('S3 is not available');
        return get(key);
      },
    });

    await expect(bench.handler(EVENT)).rejects.toBeInstanceOf(UnavailableError);
    expect(await artifacts.exists(replayReportKey('toy', 'r1'))).toBe(false);
  });
});
