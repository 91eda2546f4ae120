import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/compare-versions/handler.ts';
import { answering } from '../../../../infra/local/chaos/toy-trees.ts';
import { createAnyRuntime } from '../../../../shared/adapters/interpreter/any-runtime.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryShadowDays } from '../../../../shared/adapters/memory/shadow-days.ts';
import { captureDayPrefix, MODEL_FILE } from '../../../../shared/contracts/artifacts.ts';
import type { ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';
import { interpretModel } from '../../../../shared/core/interpreter/index.ts';
import type { ModelVersion, Rollout } from '../../../../shared/core/registry/index.ts';
import { InvalidStateError } from '../../../../shared/kernel/errors.ts';
import { DAY_MS, HOUR_MS, isoTime, utcDay } from '../../../../shared/kernel/time.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const FIRST = Date.UTC(2001, 1, 1);
const PAIR = { model: 'toy', challenger: 2, champion: 1 };
const day = (index: number): string => utcDay(FIRST + index * DAY_MS);
const due = (days: number, hours = 6): { readonly model: string; readonly scheduledAt: string } => ({
  model: 'toy',
  scheduledAt: isoTime(FIRST + days * DAY_MS + hours * HOUR_MS),
});

type Shadow = NonNullable<NonNullable<ModelDefinitionInput['deployment']>['shadow']>;

/** The champion says 0.73 to every row, the challenger 0.88. */
const open = async (
  shadow: Partial<Shadow> = {},
  change: { readonly versions?: readonly Partial<ModelVersion>[] } = {},
) => {
  const [artifacts, data, days] = [createMemoryArtifactStore(), createMemoryArtifactStore(), createMemoryShadowDays()];
  const versions: ModelVersion[] = [];
  for (const version of [2, 1]) {
    const files = answering(version);
    const artifactPrefix = `models/toy/v${version}/`;
    for (const [file, bytes] of files) await artifacts.put(`${artifactPrefix}${file}`, bytes);
    const modelDigest = createHash('sha256')
      .update(files.get(MODEL_FILE) ?? '')
      .digest('hex');
    const times = { trainedThroughMs: FIRST - 1, registeredAtMs: FIRST };
    const made = { model: 'toy', version, status: 'APPROVED', modelDigest, artifactPrefix, ...times };
    versions.push({ ...made, ...change.versions?.[2 - version] } as ModelVersion);
  }
  const decisions: object[] = [];
  const state: { running: Partial<Rollout> | undefined; remainingMs: number; decided: boolean } = {
    running: undefined,
    remainingMs: 900_000,
    decided: false,
  };
  const registry = {
    getDeployment: async () => ({ version: 1 }) as never,
    listVersions: async () => ({ items: versions }),
    getVersion: async (_model: string, version: number) =>
      versions.find((one) => one.version === version) as ModelVersion,
    getServingSnapshot: async () => ({ latestVersion: 2, ...(state.running ? { runningRolloutId: 'r' } : {}) }),
    getRollout: async () => state.running as Rollout,
    decideRollout: async (decision: object) => {
      if (state.decided) throw new InvalidStateError('decided before');
      decisions.push(decision);
      return {} as Rollout;
    },
  };
  const deployment = { shadow: { labelDelayDays: 1, minRows: 2, ...shadow } };
  const handler = createHandler({
    definitions: new Map([['toy', benchDefinition({ deployment })]]),
    registry,
    artifacts,
    data,
    days,
    runtime: createAnyRuntime({ interpret: interpretModel, openOther: () => Promise.reject(new Error('not needed')) }),
    clock: { nowMs: () => FIRST + 90 * DAY_MS },
  });
  const capture = (arrivedMs: number, lines: readonly object[], name = 'a') => {
    const hour = isoTime(arrivedMs).slice(11, 13);
    const body = gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    return data.put(`${captureDayPrefix('toy', utcDay(arrivedMs))}${hour}/${name}.gz`, body);
  };
  const ids = { next: 0 };
  /** A day of predictions at noon, and their labels two hours later. */
  const captureDay = async (index: number, label: 0 | 1, count = 3) => {
    const atMs = FIRST + index * DAY_MS + 12 * HOUR_MS;
    const lines = Array.from({ length: count }, (_, i) => `p${ids.next + i + 1}`);
    ids.next += count;
    await capture(
      atMs,
      lines.map((id) => prediction(id, atMs)),
    );
    await capture(
      atMs + 2 * HOUR_MS,
      lines.map((id) => labelOf(id, label, atMs + 2 * HOUR_MS)),
      'labels',
    );
  };
  return {
    capture,
    captureDay,
    days,
    decisions,
    state,
    run: (event: object) => handler(event, { getRemainingTimeInMillis: () => state.remainingMs }),
  };
};

const prediction = (predictionId: string, atMs: number) => ({
  kind: 'prediction',
  predictionId,
  atMs,
  model: 'toy',
  version: 1,
  modelDigest: 'd',
  inputs: { x: 0.5, kind: 'a' },
  output: 0.73,
  latencyMs: 1,
});
const labelOf = (predictionId: string, label: number, receivedAtMs: number, knownAtMs = receivedAtMs) => ({
  kind: 'label',
  predictionId,
  model: 'toy',
  label,
  knownAtMs,
  receivedAtMs,
});
const logLoss = (logOdds: number, label: 0 | 1): number => Math.log1p(Math.exp(label === 1 ? -logOdds : logOdds));

describe('a day of a paired comparison', () => {
  it('is compared once its labels are complete, on the same inputs, row by row', async () => {
    const bench = await open();
    await bench.captureDay(0, 1);

    const early = await bench.run(due(2, 0.5));
    const onTime = await bench.run(due(2, 1));

    expect(early).toMatchObject({ outcome: 'not enough evidence', comparedDays: [] });
    expect(onTime).toMatchObject({ challenger: 2, champion: 1, comparedDays: [day(0)] });
    const [compared] = await bench.days.list(PAIR);
    expect(compared).toMatchObject({ ...PAIR, day: day(0), rowCount: 3, scoredCount: 3 });
    expect(compared?.championLoss).toBeCloseTo(logLoss(1, 1), 6);
    expect(compared?.challengerLoss).toBeCloseTo(logLoss(2, 1), 6);
    expect(compared?.meanDifference).toBeCloseTo(logLoss(2, 1) - logLoss(1, 1), 6);
    expect(compared?.sumOfSquares).toBeCloseTo(3 * (logLoss(2, 1) - logLoss(1, 1)) ** 2, 6);
  });

  it('counts a prediction once however often it was delivered, and by its newest label', async () => {
    const bench = await open();
    const atMs = FIRST + 12 * HOUR_MS;
    await bench.capture(atMs, [prediction('p', atMs), prediction('p', atMs), prediction('q', atMs)]);
    const outdated = labelOf('p', 0, atMs + DAY_MS + 1, atMs + 3);
    const corrected = labelOf('p', 1, atMs + DAY_MS, atMs + 9);
    await bench.capture(atMs + 2, [labelOf('p', 0, atMs + 2, atMs + 1), labelOf('q', 1, atMs + 2)], 'labels');
    await bench.capture(atMs + DAY_MS, [corrected, corrected, outdated, labelOf('never', 1, atMs)], 'corrections');

    await bench.run(due(2));

    const [compared] = await bench.days.list(PAIR);
    expect(compared).toMatchObject({ rowCount: 2, scoredCount: 2 });
    expect(compared?.championLoss).toBeCloseTo(logLoss(1, 1), 6);
  });

  it('is written once: run again, and after a correction that came when it had closed, it stands', async () => {
    const bench = await open();
    await bench.captureDay(0, 1);
    await bench.run(due(2));
    const before = await bench.days.list(PAIR);
    await bench.capture(FIRST + 3 * DAY_MS, [labelOf('p1', 0, FIRST + 3 * DAY_MS)]);

    const again = await bench.run(due(4));

    expect(again).toMatchObject({ comparedDays: [day(1), day(2)] });
    expect((await bench.days.list(PAIR)).slice(0, 1)).toEqual(before);
  });

  it('is the same however late it is made: a label received after it closed is of no comparison', async () => {
    const bench = await open();
    await bench.captureDay(0, 1);
    const closedMs = FIRST + 2 * DAY_MS;
    await bench.capture(closedMs, [labelOf('p1', 0, closedMs), labelOf('p2', 0, closedMs - 1, FIRST + DAY_MS)]);

    await bench.run(due(5));

    const [compared] = await bench.days.list(PAIR);
    expect(compared?.championLoss).toBeCloseTo((2 * logLoss(1, 1) + logLoss(1, 0)) / 3, 6);
  });

  it('takes what was predicted before midnight and arrived after it', async () => {
    const bench = await open();
    const atMs = FIRST + DAY_MS - 1;
    await bench.capture(FIRST + DAY_MS + 1, [
      prediction('p', atMs),
      prediction('next', atMs + 1),
      labelOf('p', 1, atMs),
    ]);

    await bench.run(due(2));

    expect(await bench.days.list(PAIR)).toMatchObject([{ day: day(0), rowCount: 1 }]);
  });

  it('is none that either version learnt from', async () => {
    const bench = await open({}, { versions: [{ trainedThroughMs: FIRST + DAY_MS + 1 }] });
    for (const index of [0, 1, 2]) await bench.captureDay(index, 1);

    expect(await bench.run(due(4))).toMatchObject({ comparedDays: [day(2)] });
  });

  it('is left to the next run when there is no time for it', async () => {
    const bench = await open();
    for (const index of [0, 1]) await bench.captureDay(index, 1);
    bench.state.remainingMs = 1;

    expect(await bench.run(due(3))).toMatchObject({ comparedDays: [] });
    bench.state.remainingMs = 900_000;
    expect(await bench.run(due(3))).toMatchObject({ comparedDays: [day(0), day(1)] });
  });
});

describe('paired scoring', () => {
  it('finds a better challenger after eight days, and then compares no more', async () => {
    const bench = await open();
    for (let index = 0; index < 10; index += 1) await bench.captureDay(index, 1);

    const decided = await bench.run(due(12));

    expect(decided).toMatchObject({ outcome: 'better' });
    expect((decided as { reason: string }).reason).toMatch(
      /^better on 8 of 8 days through 2001-02-08: the median day’s loss differs by -0.186 to -0.186, the mean by -0.186$/,
    );
    expect(await bench.days.list(PAIR)).toHaveLength(8);
    expect(await bench.run(due(12))).toMatchObject({ outcome: 'better', comparedDays: [] });
  });

  it.each([
    ['gate', { version: 2, kind: 'model' }, 1],
    ['report', { version: 2, kind: 'model' }, 0],
    ['gate', { version: 2, kind: 'code' }, 0],
    ['gate', { version: 3, kind: 'model' }, 0],
    ['gate', undefined, 0],
  ] as const)('that may %s, with a canary %j, ends %d', async (decide, running, count) => {
    const bench = await open({ decide });
    bench.state.running = running;
    for (let index = 0; index < 8; index += 1) await bench.captureDay(index, 0);

    expect(await bench.run(due(12))).toMatchObject({ outcome: 'worse' });

    expect(bench.decisions).toHaveLength(count);
    if (count === 1)
      expect(bench.decisions).toMatchObject([
        {
          model: 'toy',
          rolloutId: 'r',
          action: 'roll back',
          decidedBy: 'workflow:compare-versions',
          reason: expect.stringMatching(/^by paired shadow scoring worse on 8 of 8 days/),
        },
      ]);
  });

  it('leaves the word that a person gave before', async () => {
    const bench = await open({ decide: 'gate' });
    Object.assign(bench.state, { running: { version: 2, kind: 'model' }, decided: true });
    for (let index = 0; index < 8; index += 1) await bench.captureDay(index, 0);

    expect(await bench.run(due(12))).toMatchObject({ outcome: 'worse' });
  });

  it('says that labels did not come in time', async () => {
    const bench = await open({ minRows: 3 });
    const atMs = FIRST + 12 * HOUR_MS;
    await bench.capture(
      atMs,
      ['p', 'q', 'r', 's'].map((id) => prediction(id, atMs)),
    );
    await bench.capture(atMs + 1, [labelOf('p', 1, atMs + 1)], 'labels');

    expect(await bench.run(due(2))).toMatchObject({
      outcome: 'not enough evidence',
      reason: 'labels came in time for 1 of 4 predictions on 1 days, and a day counts from 3 on',
    });
  });

  it.each([
    ['a rejected one', { status: 'REJECTED' }],
    ['one that is retired', { lifecycle: 'RETIRED' }],
    ['one that came before the champion', { version: 0 }],
  ] as const)('has no challenger in %s', async (_, change) => {
    const bench = await open({}, { versions: [change as Partial<ModelVersion>] });

    expect(await bench.run(due(5))).toEqual({ outcome: 'no challenger' });
  });
});
