import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeServicesCommand, ECSClient, ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modelServerImage } from '../../infra/local/jobs/local-images.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import {
  answering,
  failingOnRealRows,
  failingOnZeros,
  openRolloutBench,
  RECONCILE_MS,
  rolloutDefinition,
} from '../helpers/rollout-bench.ts';
import { signedFetch } from '../helpers/signed-request.ts';

/**
 * A model on ECS through the same workflow, URL and reconciler as one on Lambda: the tasks are processes of the model
 * server's own bundle, with the rights of their role.
 */

const MODEL = 'steady';
const CLUSTER = 'millrace-local-serving';

let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
let ecs: ECSClient;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-ecs-'));
const definitionOf = (memoryMb: number) =>
  rolloutDefinition(MODEL, {
    deployment: { target: 'ecs', memoryMb, tasks: 2, canarySteps: [0.5, 1], bakeMinutes: 60 },
  });

let larger: string;

beforeAll(async () => {
  const assemblyFolder = await assemble([definitionOf(1_024)]);
  larger = await assemble([definitionOf(2_048)]);
  test = await startTestCloud({
    assemblyFolder,
    stateFolder,
    // Beside the assembly that it was built for.
    localImages: modelServerImage(join(assemblyFolder, '../build')),
  });
  bench = openRolloutBench(test, stateFolder);
  ecs = new ECSClient(test.clientConfig);
});

afterAll(async () => {
  bench?.close();
  ecs?.destroy();
  await test?.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

/** Statuses and versions that so many requests get. */
const sample = async (count: number): Promise<readonly string[]> => {
  const seen: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const { status, body } = await test.platform.predict(MODEL, { features: { x: 0.5, kind: 'a' } });
    seen.push(status === 200 ? `version ${(body as { readonly version: number }).version}` : String(status));
  }
  return seen;
};

const slots = async () => {
  const services = ['a', 'b'].map((slot) => `millrace-local-slot-${slot}-${MODEL}`);
  const described = await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services }));
  return (described.services ?? []).map(({ runningCount, taskDefinition }) => ({
    runningCount,
    version: taskDefinition?.split(':').at(-1),
  }));
};

const hasCanary = async (version: number): Promise<boolean> =>
  (await bench.rolloutsOf(MODEL, version)).some(({ weights }) => weights.at(-1) === 0.5);

// Real processes that load, drain and end in their own time.
describe('a model on ECS', { timeout: 120_000 }, () => {
  it('runs nothing and answers 503 until a version is in service', async () => {
    const url = `${test.predictUrl}/v2/models/${MODEL}/ready`;
    const answer = await signedFetch(test, { service: 'execute-api', method: 'GET', url });

    // The load balancer's own page: nothing of ours runs.
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
      status: 503,
      type: 'text/html',
    });
    expect((await slots()).map(({ runningCount }) => runningCount)).toEqual([0, 0]);
  });

  it('serves its first version after a canary, by the URL that every model has', async () => {
    const rollout = await bench.roll(MODEL, await bench.upload(MODEL, answering(1)));

    expect(rollout).toMatchObject({ status: 'PROMOTED', weights: [0.5, 1] });
    const answer = await test.platform.predict(MODEL, { predictionId: 'p-1', features: { x: 0.9, kind: 'a' } });
    expect(answer).toMatchObject({ status: 200, body: { model: MODEL, version: 1, predictionId: 'p-1' } });
    expect(await slots()).toEqual([
      { runningCount: 0, version: '1' },
      { runningCount: 2, version: '2' },
    ]);
  });

  it('divides traffic with a version that fails, and takes it back', async () => {
    const version = await bench.upload(MODEL, failingOnRealRows());
    await bench.beginCanary(MODEL, version);

    const seen = await sample(40);
    const rollout = await bench.ended(MODEL, version);

    expect(seen).toContain('version 1');
    expect(seen).toContain('500');
    expect(rollout).toMatchObject({ status: 'ROLLED_BACK', weights: [0.5, 0] });
    expect(rollout.reason).toContain('canary requests failed');
    expect(new Set(await sample(10))).toEqual(new Set(['version 1']));
    expect((await slots()).map(({ runningCount }) => runningCount)).toEqual([0, 2]);
  });

  it('gives no traffic to a version whose tasks do not come up', async () => {
    // Its own bytes: equal uploads share one artifact, and the version in service needs its own.
    const version = await bench.upload(MODEL, answering(1.001));
    const registered = (await test.platform.versions(MODEL)).find((one) => one.version === version);
    await bench.deleteArtifact(`${registered?.artifactPrefix}model.onnx`);
    const rollout = await bench.roll(MODEL, version);

    expect(rollout).toMatchObject({ version, status: 'ROLLED_BACK' });
    expect(rollout.weights).not.toContain(0.5);
    expect(rollout.reason).toContain('0 of 2 tasks are healthy');
    expect(new Set(await sample(4))).toEqual(new Set(['version 1']));
  });

  it('gives none to a version that fails on a row of nothing, which each of its tasks tries before it is ready', async () => {
    const version = await bench.upload(MODEL, failingOnZeros());
    const rollout = await bench.roll(MODEL, version);

    expect(rollout).toMatchObject({ version, status: 'ROLLED_BACK' });
    expect(rollout.weights).not.toContain(0.5);
    expect(rollout.reason).toContain('0 of 2 tasks are healthy');
    expect(new Set(await sample(4))).toEqual(new Set(['version 1']));
  });

  it('replaces a task that is stopped', async () => {
    const serviceName = `millrace-local-slot-b-${MODEL}`;
    const tasks = async () => (await ecs.send(new ListTasksCommand({ cluster: CLUSTER, serviceName }))).taskArns ?? [];
    const [stopped, ...others] = await tasks();

    await ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: stopped }));
    const during = await sample(4);
    await test.until('another task runs', async () => {
      const now = await tasks();
      return now.length === 2 && !now.includes(stopped ?? '');
    });

    expect(new Set(during)).toEqual(new Set(['version 1']));
    expect(await tasks()).toEqual(expect.arrayContaining(others));
  });

  it('is left alone by a deploy in the middle of a canary, whose settings then follow by a canary of their own', async () => {
    const version = await bench.upload(MODEL, answering(1));
    await bench.beginCanary(MODEL, version);
    const during = await slots();

    await test.cloud.deploy(larger);

    expect(await slots()).toEqual(during);
    expect(await hasCanary(version)).toBe(true);
    expect(await bench.ended(MODEL, version)).toMatchObject({ status: 'PROMOTED' });
    await test.cloud.clock.advanceBy(RECONCILE_MS);
    expect(await bench.ended(MODEL, version, 'code')).toMatchObject({ status: 'PROMOTED', weights: [0.5, 1] });
    expect(new Set(await sample(4))).toEqual(new Set([`version ${version}`]));
  });
});
