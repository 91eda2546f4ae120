import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RolloutFact } from '../../infra/local/story/platform.ts';
import type { ShadowDay, ShadowVerdict } from '../../shared/core/deployment/index.ts';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../../shared/kernel/time.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import {
  answering,
  failingOnRealRows,
  openRolloutBench,
  RECONCILE_MS,
  rolloutDefinition,
} from '../helpers/rollout-bench.ts';
import { signedFetch } from '../helpers/signed-request.ts';

const MODELS = ['toy', 'corrupted', 'deleted', 'failing', 'moved', 'stopped', 'replayed', 'shadowed'] as const;

type ShadowAnswer = ShadowVerdict & { readonly days: readonly ShadowDay[] };

const CHANGES: Readonly<Record<string, Parameters<typeof rolloutDefinition>[1]>> = {
  toy: { approval: 'automatic' },
  shadowed: { deployment: { bakeMinutes: 60, shadow: { labelDelayDays: 0, minRows: 2 } } },
};

/** Firehose has written by then what was predicted before. */
const CAPTURED_WITHIN_MS = 16 * MINUTE_MS;

let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-rollout-'));

beforeAll(async () => {
  const definitions = MODELS.map((name) => rolloutDefinition(name, CHANGES[name]));
  test = await startTestCloud({
    assemblyFolder: await assemble(definitions),
    stateFolder,
    simulation: IN_ONE_PROCESS,
  });
  bench = openRolloutBench(test, stateFolder);
});

afterAll(async () => {
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

describe('a first version', () => {
  it('is asked for in vain until it is promoted: 503 with Retry-After', async () => {
    const url = `${test.predictUrl}/models/toy/predict`;
    const body = JSON.stringify({ features: { x: 0.5, kind: 'a' } });
    const headers = { 'content-type': 'application/json' };

    const answer = await signedFetch(test, { service: 'execute-api', method: 'POST', url, headers, body });

    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await answer.json()).toMatchObject({ detail: 'no version of toy is in service yet' });
  });

  it('trained on data goes through its canary into service, and answers by version and prediction id', async () => {
    await test.loadToyDays(0, 14);
    await test.platform.requestTraining('toy', 'first');
    await test.until('a rollout began', async () => (await test.platform.rollouts('toy')).length > 0);

    const weights = await bench.weightsUntilEnded('toy', 1);

    expect(weights).toEqual([{ 1: 1 }, { 1: 0.5, 2: 0.5 }, { 2: 1 }]);
    expect(await bench.rolloutsOf('toy', 1)).toMatchObject([{ kind: 'model', status: 'PROMOTED', weights: [0.5, 1] }]);
    const answer = await test.platform.predict('toy', { predictionId: 'p-1', features: { x: 0.9, kind: 'a' } });
    expect(answer).toMatchObject({ status: 200, body: { model: 'toy', version: 1, predictionId: 'p-1' } });
    const { deployment, champion, lineage } = await bench.inService('toy');
    expect({ deployment, champion }).toMatchObject({ deployment: { version: 1, lambdaVersion: '2' }, champion: 1 });
    const { edges } = lineage as { edges: { upstream: { kind: string } }[] };
    expect(new Set(edges.map(({ upstream }) => upstream.kind))).toEqual(
      new Set(['model-version', 'rollout', 'run', 'dataset-snapshot', 'feature-view', 'dataset']),
    );
  });
});

describe.each(['corrupted', 'deleted'] as const)('a version whose model file is %s once it is registered', (model) => {
  let before: Awaited<ReturnType<typeof bench.inService>>;
  let rollout: RolloutFact;

  beforeAll(async () => {
    await bench.serveFirst(model);
    before = await bench.inService(model);
    const version = await bench.upload(model, answering(2));
    const [, registered] = await test.platform.versions(model);
    const key = `${registered?.artifactPrefix}model.onnx`;
    if (model === 'deleted') await bench.deleteArtifact(key);
    else await bench.overwriteArtifact(key, Buffer.from('not what was registered'));
    rollout = await bench.roll(model, version);
  });

  it('is rolled back by its smoke test before any traffic, and what served serves on', async () => {
    expect(rollout).toMatchObject({ status: 'ROLLED_BACK', weights: [0] });
    expect(rollout.reason).toContain(model === 'deleted' ? 'does not exist' : 'model.onnx has digest');
    expect(await bench.inService(model)).toEqual(before);
    expect(await bench.ask(model, 5)).toEqual({ 200: 5 });
  });

  it('is told of by mail', async () => {
    const mails = await bench.rollBackMails(model);

    expect(mails).toMatchObject([{ to: 'operator@example.com' }]);
    expect(mails[0]).toMatchObject({ subject: `[high] version 2 of ${model} was rolled back` });
    expect(mails[0]?.message).toContain(rollout.reason);
  });

  it('is not rolled out again by another approval, nor by the reconciler', async () => {
    const executions = () => test.observer.executions(/^canary-rollout$/);
    const earlier = await executions();

    await test.platform.approve(model, 2, 'pressed twice');
    await test.cloud.clock.advanceBy(2 * RECONCILE_MS);

    expect((await executions()).slice(earlier.length)).toMatchObject([{ status: 'SUCCEEDED' }]);
    expect(await bench.rolloutsOf(model, 2)).toHaveLength(1);
  });
});

describe('a version that passes its smoke test and fails on real rows', () => {
  it('is rolled back by the judge of its first step, and what served serves on', async () => {
    await bench.serveFirst('failing');
    const before = await bench.inService('failing');
    await bench.beginCanary('failing', await bench.upload('failing', failingOnRealRows()));

    const during = await bench.ask('failing', 60);
    const rollout = await bench.ended('failing', 2);

    expect(during[200]).toBeGreaterThan(10);
    expect(during[502]).toBeGreaterThan(10);
    expect(rollout).toMatchObject({ status: 'ROLLED_BACK', weights: [0.5, 0] });
    expect(rollout.reason).toMatch(/^(\d+) of \1 canary requests failed/);
    expect(await bench.inService('failing')).toEqual(before);
    expect(await bench.ask('failing', 20)).toEqual({ 200: 20 });
    expect(await bench.rollBackMails('failing')).toHaveLength(1);
  });
});

describe('a version that passes its smoke test and fails on what callers sent lately', () => {
  it('is rolled back by the replay of captured inputs: traffic never moves', async () => {
    await bench.serveFirst('replayed');
    await bench.ask('replayed', 5);
    await test.cloud.clock.advanceBy(CAPTURED_WITHIN_MS);
    const before = await bench.inService('replayed');
    const version = await bench.upload('replayed', failingOnRealRows());
    await test.platform.approve('replayed', version, 'tried by hand');

    const weights = await bench.weightsUntilEnded('replayed', version);

    const [rollout] = await bench.rolloutsOf('replayed', version);
    expect(rollout).toMatchObject({ status: 'ROLLED_BACK', weights: [0] });
    expect(rollout?.reason).toBe('it fails on 5 of 5 captured inputs that were answered before, allowed are 0 %');
    expect(weights).toEqual([before.weights]);
    expect(await bench.inService('replayed')).toEqual(before);
    const asked = { model: 'replayed', version, kind: 'model', rolloutId: rollout?.rolloutId };
    expect(await bench.invoke('replay-captured', asked)).toEqual({ outcome: 'refused', reason: rollout?.reason });
  });
});

describe('the reconciler', () => {
  it('gives an alias that was moved by hand back to its champion within a quarter of an hour', async () => {
    await bench.serveFirst('moved');
    const before = await bench.inService('moved');

    await bench.moveAlias('moved', '1', { 2: 0.3 });
    await test.cloud.clock.advanceBy(RECONCILE_MS);
    const afterWeights = await bench.inService('moved');
    await bench.moveAlias('moved', '1');
    await test.cloud.clock.advanceBy(RECONCILE_MS);

    expect(afterWeights).toEqual(before);
    expect(await bench.inService('moved')).toEqual(before);
  });

  it('ends a rollout whose execution was stopped, so that the next version can be rolled out', async () => {
    await bench.serveFirst('stopped');
    const before = await bench.inService('stopped');
    await bench.beginCanary('stopped', await bench.upload('stopped', answering(2)));
    await bench.stopRollout('stopped');

    await test.cloud.clock.advanceBy(RECONCILE_MS);

    expect(await bench.rolloutsOf('stopped', 2)).toMatchObject([{ status: 'FAILED', weights: [0.5] }]);
    expect(await bench.inService('stopped')).toEqual(before);
    const next = await bench.roll('stopped', await bench.upload('stopped', answering(3)));
    expect(next).toMatchObject({ status: 'PROMOTED', weights: [0.5, 1] });
    expect(await bench.inService('stopped')).toMatchObject({ champion: 3, deployment: { version: 3 } });
  });
});

describe('a version that waits for its approval beside the one in service', () => {
  it('is compared on the captured inputs of a day once the labels are in, once, whatever is corrected later', async () => {
    const { clock } = test.cloud;
    const compare = (atMs: number) =>
      bench.invoke('compare-versions', { model: 'shadowed', scheduledAt: isoTime(atMs) });
    const shadow = async () =>
      (await test.api.call('GET', `${test.platformUrl}/models/shadowed/versions/2/shadow`)).body as ShadowAnswer;
    await bench.serveFirst('shadowed');
    await bench.upload('shadowed', answering(2));
    const midnightMs = (Math.floor(clock.nowMs() / DAY_MS) + 1) * DAY_MS;
    const label = (predictionId: string, value: 0 | 1) => ({ predictionId, label: value });
    for (const predictionId of ['s-1', 's-2', 's-3'])
      await test.platform.predict('shadowed', { predictionId, features: { x: 0.5, kind: 'a' } });
    await test.platform.sendLabels('shadowed', [label('s-1', 0), label('s-2', 1)]);
    await clock.advanceBy(HOUR_MS);
    await test.platform.sendLabels('shadowed', [label('s-1', 1)]);
    await clock.advanceTo(midnightMs + HOUR_MS);
    const early = await compare(midnightMs);
    await compare(midnightMs + HOUR_MS);
    const compared = await shadow();
    await test.platform.sendLabels('shadowed', [label('s-2', 0)]);
    await clock.advanceBy(CAPTURED_WITHIN_MS);

    const again = await compare(midnightMs + HOUR_MS);

    expect(early).toMatchObject({ comparedDays: [] });
    expect(compared).toMatchObject({
      challenger: 2,
      champion: 1,
      decision: 'not enough evidence',
      reason: 'the challenger was better on 1 of 1 days: they may differ either way',
    });
    const [day] = compared.days;
    expect(compared.days).toMatchObject([{ rowCount: 2, scoredCount: 3 }]);
    expect(day?.meanDifference).toBeCloseTo(Math.log1p(Math.exp(-2)) - Math.log1p(Math.exp(-1)), 6);
    expect(again).toMatchObject({ outcome: 'not enough evidence', comparedDays: [] });
    expect(await shadow()).toEqual(compared);
  });
});
