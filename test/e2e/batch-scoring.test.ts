import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage } from '../../infra/commands/open-stage.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { MANIFEST_FILE, MODEL_FILE, modelArtifactPrefix, SIGNATURE_FILE } from '../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { beginLife, type Life } from '../helpers/kill-life.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { trainElsewhere } from '../helpers/models-from-elsewhere.ts';
import { parquetOf, queryParquet, SCORED_SIGNATURE, scoredRowsSql } from '../helpers/scoring-bench.ts';
import { BENCH_START_MS, benchDefinition } from '../helpers/training-bench.ts';

/**
 * A batch that is scored through two kills of the whole cloud and an abort. For a large one:
 * `ROWS=1000000 npx vitest run test/e2e/batch-scoring.test.ts`.
 */

const ROWS = Number(process.env.ROWS ?? 20_000);
const OBJECTS = 10;
const ROWS_PER_OBJECT = ROWS / OBJECTS;
const ROW_GROUP = 20_480;
const REQUEST = { version: 1 };

let assemblyFolder: string;
let life: Life;
let jobId: string;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Registers a version without the training that would make one. */
const registerToy = async ({ clientConfig }: TestCloud): Promise<void> => {
  const stage = await openStage('local', clientConfig);
  const files = { [MODEL_FILE]: trainElsewhere(), [SIGNATURE_FILE]: toJsonFile(SCORED_SIGNATURE) };
  const modelDigest = sha256(files[MODEL_FILE]);
  const artifactPrefix = modelArtifactPrefix('toy', modelDigest);
  const run = { model: 'toy', runId: 'one' };
  const digests = Object.entries(files).map(([file, bytes]) => [
    file,
    { sha256: sha256(bytes), sizeBytes: bytes.length },
  ]);
  const manifest = toJsonFile({ schemaVersion: 1, ...run, modelDigest, files: Object.fromEntries(digests) });
  for (const [file, bytes] of Object.entries({ ...files, [MANIFEST_FILE]: manifest })) {
    await stage.artifacts.put(`${artifactPrefix}${file}`, bytes);
  }
  const placed = { artifactPrefix, modelDigest, manifestDigest: sha256(manifest) };
  const facts = { metrics: { logLoss: 0.5 }, trainedThroughMs: BENCH_START_MS, snapshotId: sha256(new Uint8Array()) };
  await stage.invoke('register-model-version', { ...run, ...placed, ...facts });
  stage.close();
};

// biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field
type Answer = { readonly status: number; readonly body: any };

const ask = async ({ api, cloud, platformUrl }: TestCloud, prefix: string): Promise<Answer> => {
  const input = `s3://${cloud.outputs['Millrace-local-data']?.DataBucketName}/scoring/${prefix}/`;
  return await api.call('POST', `${platformUrl}/models/toy/batch-scoring`, { ...REQUEST, input });
};
const report = async ({ api, platformUrl }: TestCloud, id: string): Promise<Answer> =>
  await api.call('GET', `${platformUrl}/models/toy/batch-scoring/${id}`);
const outputsOf = async ({ observer }: TestCloud) =>
  (await observer.data.list(`scoring/june.scored/${jobId}/`)).filter(({ key }) => key.endsWith('.parquet'));

beforeAll(async () => {
  assemblyFolder = await assemble([benchDefinition()]);
  life = beginLife(assemblyFolder);
  const cloud = await startTestCloud({ assemblyFolder, stateFolder: life.stateFolder });
  await registerToy(cloud);
  for (let i = 0; i < OBJECTS; i += 1) {
    const rows = await parquetOf(scoredRowsSql(ROWS_PER_OBJECT, i * ROWS_PER_OBJECT), ROW_GROUP);
    await cloud.observer.data.put(`scoring/june/${i}.parquet`, rows);
  }
  await cloud.observer.data.put('scoring/may/a.parquet', await parquetOf('SELECT 0.5 AS x'));
  const { status, body } = await ask(cloud, 'june');
  expect(status, JSON.stringify(body)).toBe(202);
  jobId = body.jobId;
  await cloud.stop();
}, 240_000);

afterAll(() => {
  life?.end();
  rmSync(join(assemblyFolder, '..'), { recursive: true, force: true });
});

describe('a batch scoring that is killed twice and aborted', () => {
  it('ends with exactly one row for each row of the input, none of them written twice', {
    timeout: 600_000,
  }, async () => {
    const put = `PUT /\\S+/scoring/june\\.scored/${jobId}/part-`;
    await life.killFrozen({ after: [put, put], when: 'answered' });
    await life.killFrozen({ after: [put, put], when: 'received' });
    const cloud = await startTestCloud({ assemblyFolder, stateFolder: life.stateFolder });
    const [execution] = await cloud.observer.executions(/batch-scoring/);
    const states = new SFNClient(cloud.clientConfig);
    await states.send(new StopExecutionCommand({ executionArn: execution?.arn ?? '', cause: 'enough' }));
    states.destroy();
    const aborted = await report(cloud, jobId);
    const before = await outputsOf(cloud);
    const resumed = await ask(cloud, 'june');
    await cloud.until('the batch is scored', async () => (await report(cloud, jobId)).body.state !== 'SCORING');

    const { body } = await report(cloud, jobId);
    const outputs = await outputsOf(cloud);
    const files = await Promise.all(outputs.map(({ key }) => cloud.observer.data.get(key)));
    const all = files.map((_, i) => `SELECT * FROM file_${i}`).join(' UNION ALL ');
    const [counted] = await queryParquet(
      files,
      `SELECT count(*) AS n, count(DISTINCT (input_file, row_number)) AS positions, count(DISTINCT row_key) AS keys FROM (${all})`,
    );
    const input = await cloud.observer.data.get('scoring/june/3.parquet');
    const scored = await queryParquet(
      [input, ...files],
      `SELECT r.x, r.kind, s.prediction FROM file_0 AS r JOIN (${files.map((_, i) => `SELECT * FROM file_${i + 1}`).join(' UNION ALL ')}) AS s
       USING (row_key) ORDER BY s.row_number LIMIT 2000`,
    );
    const loaded = await createModelRuntime().load(trainElsewhere());
    const x = Float32Array.from(scored, (row) => (row.x === null ? Number.NaN : Number(row.x)));
    const own = await loaded.predict({ x, kind: scored.map(({ kind }) => String(kind)) }, scored.length);
    await loaded.release();
    const path = '/models/toy/lineage/model-version/1?direction=downstream';
    const lineage = await cloud.api.call('GET', `${cloud.platformUrl}${path}`);
    await cloud.stop();

    expect(aborted.body).toMatchObject({ state: 'FAILED', failures: [{ status: 'ABORTED', cause: 'enough' }] });
    expect(before.length).toBeGreaterThanOrEqual(2);
    expect(before.length).toBeLessThan(outputs.length);
    expect(resumed).toMatchObject({ status: 202, body: { jobId } });
    expect(body).toMatchObject({
      state: 'FINISHED',
      rows: { done: ROWS, total: ROWS },
      parts: { done: outputs.length, total: outputs.length },
      attempts: 2,
      failedParts: [],
    });
    // What stood before is the very same objects: none was written again.
    for (const object of before) expect(outputs).toContainEqual(object);
    expect(counted).toEqual({ n: ROWS, positions: ROWS, keys: ROWS });
    expect(scored.map(({ prediction }) => prediction)).toEqual(Array.from(own));
    expect(JSON.stringify(lineage.body)).toContain(`toy/${jobId}`);
  });

  it('scores nothing of an input without a column that the model reads, and says which', {
    timeout: 120_000,
  }, async () => {
    const cloud = await startTestCloud({ assemblyFolder, stateFolder: life.stateFolder });
    const { body } = await ask(cloud, 'may');
    await cloud.until('it fails', async () => (await report(cloud, body.jobId)).body.state === 'FAILED');

    const failed = await report(cloud, body.jobId);
    const outputs = await cloud.observer.data.list('scoring/may.scored/');
    await cloud.stop();

    expect(failed.body.failures[0].cause).toContain('scoring/may/a.parquet has no column kind, which the model reads');
    expect(outputs).toEqual([]);
  });
});
