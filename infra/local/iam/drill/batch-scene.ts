import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDuckDb } from '../../../../shared/adapters/duckdb/index.ts';
import { HOUR_MS } from '../../../../shared/kernel/time.ts';
import type { Scene } from '../../chaos/scenarios.ts';

/** Whole prefixes are scored: from either place of inputs, and one with a row that the model does not take. */

const MODEL = 'weir';

const withoutKind = async (): Promise<Uint8Array> => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-drill-rows-'));
  const engine = await openDuckDb();
  try {
    const file = join(folder, 'rows.parquet');
    await engine.execute(`COPY (SELECT 0.5 AS x, NULL::VARCHAR AS kind) TO '${file}' (FORMAT parquet)`);
    return await readFile(file);
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
};

const STATES = ['FINISHED', 'FAILED'];

/** @throws Error when a job is not answered, or never ends. */
export const playBatchScoring = async ({ session, rows }: Scene, version: number): Promise<void> => {
  const { api, cloud, observer, urls } = session;
  const inputs = {
    'datasets/drill/': rows.whole.parquet,
    'scoring/drill/': rows.whole.parquet,
    'scoring/drill-without-kind/': await withoutKind(),
  };
  const bucket = cloud.outputs['Millrace-local-data']?.DataBucketName;
  const jobs: string[] = [];
  for (const [prefix, parquet] of Object.entries(inputs)) {
    await observer.data.put(`${prefix}rows.parquet`, parquet);
    const body = { version, input: `s3://${bucket}/${prefix}` };
    const answer = await api.call('POST', `${urls.platform}/models/${MODEL}/batch-scoring`, body);
    if (answer.status !== 202) throw new Error(`${prefix} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    jobs.push((answer.body as { readonly jobId: string }).jobId);
  }
  await cloud.clock.advanceBy(HOUR_MS);
  for (const jobId of jobs) {
    const { body } = await api.call('GET', `${urls.platform}/models/${MODEL}/batch-scoring/${jobId}`);
    const { state } = body as { readonly state: string };
    if (!STATES.includes(state)) throw new Error(`job ${jobId} is ${state}: ${JSON.stringify(body)}`);
  }
};
