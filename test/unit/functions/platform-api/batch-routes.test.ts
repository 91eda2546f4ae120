import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/platform-api/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import type { Attempt } from '../../../../shared/core/batch-scoring/index.ts';

const INPUT = 's3://data/scoring/june/';
const JOB = { 'idempotency-key': 'june' };

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

const open = async () => {
  const { registry } = createMemoryRegistry();
  const artifacts = createMemoryArtifactStore();
  const captures = createMemoryArtifactStore();
  const version = {
    ...{ model: 'toy', owner: 'ann', principal: 'workflow:train', metrics: {}, trainedThroughMs: 1 },
    ...{ datasetSnapshot: 's', registeredAtMs: 2, manifestDigest: 'm' },
  };
  for (const runId of ['one', 'two']) {
    const files = { modelDigest: `digest-${runId}`, artifactPrefix: `models/toy/digest-${runId}/` };
    await registry.registerVersion({ ...version, ...files, runId }, 1_000);
  }
  await captures.put('scoring/june/a.parquet', new Uint8Array([1, 2]));
  await captures.put('scoring/june/readme.txt', new Uint8Array([3]));
  const attempts: Attempt[] = [];
  const start = vi.fn(async () => {
    attempts.push({ status: 'RUNNING' });
  });
  const handler = createHandler({
    registry,
    artifacts,
    captures,
    clock: { nowMs: () => 77 },
    batchScoring: { dataBucket: 'data', attempts: { read: async () => attempts, start } },
  } as never);
  const call = async (method: string, path: string, body?: object, headers: object = {}) => {
    const answer = await handler({
      httpMethod: method,
      path,
      headers,
      requestContext: { requestId: 'request-1', identity: { userArn: 'ann' } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    } as never);
    return { status: answer.statusCode, body: JSON.parse(answer.body) };
  };
  const ask = (body: object, headers: object = {}) => call('POST', '/models/toy/batch-scoring', body, headers);
  const report = (id: string) => call('GET', `/models/toy/batch-scoring/${id}`);
  return { artifacts, ask, attempts, captures, report, start };
};

describe('asking for a batch scoring', () => {
  it('puts the job on record with its version and its objects, and starts it once', async () => {
    const { ask, artifacts, start } = await open();

    const first = await ask({ input: INPUT, version: 1 }, JOB);
    const again = await ask({ input: INPUT, version: 1 }, JOB);

    expect(first).toMatchObject({
      status: 202,
      body: {
        ...{ model: 'toy', jobId: 'june', version: 1, modelDigest: 'digest-one', principal: 'ann', input: INPUT },
        ...{ output: 's3://data/scoring/june.scored/june/', state: 'PLANNING', attempts: 1 },
        status: '/models/toy/batch-scoring/june',
      },
    });
    expect(again).toMatchObject({ status: 202, body: { jobId: 'june', attempts: 1 } });
    expect(start.mock.calls).toEqual([[expect.stringMatching(/^[0-9a-f]{32}$/), 1, { model: 'toy', jobId: 'june' }]]);
    const job = JSON.parse(new TextDecoder().decode(await artifacts.get('batch-scoring/toy/june/job.json')));
    expect(job.objects).toMatchObject([{ key: 'scoring/june/a.parquet', sizeBytes: 2 }]);
  });

  it('takes the same model over the same objects for the same job, and other objects for another', async () => {
    const { ask, captures } = await open();
    const first = await ask({ input: INPUT, version: 1 });
    const again = await ask({ input: INPUT, version: 1, output: 's3://data/scoring/june.scored/' });
    const otherModel = await ask({ input: INPUT, version: 2 });
    await captures.put('scoring/june/b.parquet', new Uint8Array([4]));
    const otherObjects = await ask({ input: INPUT, version: 1 });

    expect(first.body.jobId).toMatch(/^[0-9a-f]{32}$/);
    expect(again.body.jobId).toBe(first.body.jobId);
    expect(new Set([first, otherModel, otherObjects].map(({ body }) => body.jobId)).size).toBe(3);
  });

  it('takes a job up again after its last attempt broke off, and only then', async () => {
    const { ask, attempts, start } = await open();
    await ask({ input: INPUT, version: 1 }, JOB);
    await ask({ input: INPUT, version: 1 }, JOB);
    attempts[0] = { status: 'ABORTED', cause: 'enough' };

    const resumed = await ask({ input: INPUT, version: 1 }, JOB);

    expect(start.mock.calls.map((given) => (given as unknown[])[1])).toEqual([1, 2]);
    expect(resumed.body).toMatchObject({
      state: 'PLANNING',
      attempts: 2,
      failures: [{ status: 'ABORTED', cause: 'enough' }],
    });
  });

  it('refuses another request under an id that is taken, whichever came first', async () => {
    const { ask } = await open();
    await ask({ input: INPUT, version: 1 }, JOB);

    const other = await ask({ input: INPUT, version: 2 }, JOB);

    expect(other.status).toBe(409);
    expect(other.body.detail).toContain('was asked for before by ann with another input, version or output');
  });

  it('starts nothing for a job that is finished', async () => {
    const { ask, captures, start } = await open();
    await ask({ input: INPUT, version: 1 }, JOB);
    await captures.put('scoring/june.scored/june/manifest.json', new Uint8Array([1]));

    const again = await ask({ input: INPUT, version: 1 }, JOB);

    expect(again).toMatchObject({ status: 200, body: { state: 'FINISHED' } });
    expect(start).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['an input of another bucket', { input: 's3://other/scoring/june/', version: 1 }, 400, 'input must be a prefix'],
    ['a prefix without Parquet', { input: 's3://data/scoring/may/', version: 1 }, 400, 'no .parquet object lies below'],
    ['a version and an alias', { input: INPUT, version: 1, alias: 'champion' }, 400, 'not both'],
    ['an unknown version', { input: INPUT, version: 9 }, 404, 'toy@9'],
    ['an alias that nobody set', { input: INPUT }, 404, 'no alias'],
    ['an unknown key', { input: INPUT, versions: 1 }, 400, 'unknown key'],
  ])('refuses %s', async (_, body, status, message) => {
    const { ask, start } = await open();

    const answer = await ask(body);

    expect(answer.status).toBe(status);
    expect(answer.body.detail).toContain(message);
    expect(start).not.toHaveBeenCalled();
  });
});

describe('the report of a batch scoring', () => {
  it('counts the parts whose output stands, and tells why others failed', async () => {
    const { ask, artifacts, captures, report } = await open();
    await ask({ input: INPUT, version: 1 }, JOB);
    const part = { key: 'scoring/june/a.parquet', etag: 'e', sizeBytes: 2, footerFromByte: 1, fromByte: 0, toByte: 1 };
    const parts = [0, 1, 2].map((number) => ({
      ...part,
      part: number,
      fromRow: number,
      rowCount: 10,
      hasRowKey: true,
    }));
    await artifacts.put('batch-scoring/toy/june/plan.json', toJsonFile({ schemaVersion: 1, parts }));
    for (const number of [1, 2]) {
      const note = { part: number, input: 'scoring/june/a.parquet', error: 'InvalidRequestError', cause: 'no kind' };
      await artifacts.put(`batch-scoring/toy/june/failures/${number}.json`, toJsonFile(note));
    }
    for (const number of [0, 2]) {
      await captures.put(`scoring/june.scored/june/part-0000${number}.parquet`, new Uint8Array([1]));
    }

    const { status, body } = await report('june');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      state: 'SCORING',
      parts: { done: 2, total: 3 },
      rows: { done: 20, total: 30 },
      failedParts: [{ part: 1, error: 'InvalidRequestError', cause: 'no kind' }],
    });
  });

  it('is not found for a job that nobody asked for, and refused for what is no id', async () => {
    const { report } = await open();

    expect((await report('july')).status).toBe(404);
    expect((await report('a%2Fb')).status).toBe(400);
  });
});
