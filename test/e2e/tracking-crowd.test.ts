import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openAudit } from '../../infra/commands/open-audit.ts';
import { openTrackingTokens } from '../../infra/commands/open-tracking-tokens.ts';
import { readRecords, verifyStage } from '../../infra/commands/verify-audit.ts';
import { newTrackingToken } from '../../shared/core/tracking-access/index.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { callServer, type MlflowCaller } from '../helpers/mlflow-call.ts';
import { benchDefinition } from '../helpers/training-bench.ts';

/**
 * Many clients at once, through the gateway. A call that is told to try again is made again, as MLflow's client does.
 * Say `CROWD=100` for the whole measure, which prints how long each part took.
 */

const CLIENTS = Number(process.env.CROWD ?? 8);
const MOST_ATTEMPTS = 60;
const TO_TRY_AGAIN = new Set([409, 429, 503]);

let test: TestCloud;
let once: MlflowCaller;

beforeAll(async () => {
  test = await startTestCloud({ assemblyFolder: await assemble([benchDefinition()]) });
  test.cloud.clock.startWall();
  const store = await openTrackingTokens('local', test.clientConfig);
  const createdAtMs = test.cloud.clock.nowMs();
  const token = newTrackingToken({ name: 'crowd', workspaces: ['default'], role: 'write', createdAtMs });
  const authorization = `Bearer ${await store.issue(token)}`;
  store.close();
  once = callServer((test.cloud.apis['millrace-local-tracking'] ?? '').replace(/\/$/, ''), { authorization });
}, 240_000);
afterAll(() => test.stop());

const call: MlflowCaller = async (...given) => {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await once(...given);
    if (!TO_TRY_AGAIN.has(answer.status) || attempt === MOST_ATTEMPTS) return answer;
  }
};

const everyone = async <T>(what: string, work: (client: number) => Promise<T>): Promise<readonly T[]> => {
  const beganAt = performance.now();
  const done = await Promise.all(Array.from({ length: CLIENTS }, (_, client) => work(client)));
  const seconds = ((performance.now() - beganAt) / 1_000).toFixed(1);
  if (process.env.CROWD !== undefined) process.stdout.write(`${CLIENTS} clients ${what}: ${seconds} s\n`);
  return done;
};

const statuses = (answers: readonly { readonly status: number }[]) => [...new Set(answers.map(({ status }) => status))];

const createRun = async (): Promise<string> =>
  (await call('POST', '2.0/mlflow/runs/create', { experiment_id: '0', start_time: 1 })).body.run.info.run_id;

const createModel = async (name: string): Promise<void> => {
  await call('POST', '2.0/mlflow/registered-models/create', { name });
};

const register = (name: string) =>
  call('POST', '2.0/mlflow/model-versions/create', { name, source: 's3://bucket/model' });

describe('clients at once', { timeout: 600_000 }, () => {
  it('register versions of one model: each number is given once, and none is left out', async () => {
    await createModel('busy');

    const answers = await everyone('registering', () => register('busy'));

    expect(statuses(answers)).toEqual([200]);
    const numbers = answers.map(({ body }) => Number(body.model_version.version)).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from(answers, (_, index) => index + 1));
  });

  it('log 1,000 points each to one run: all are there, the last counts', async () => {
    const run_id = await createRun();
    const points = (client: number) =>
      Array.from({ length: 1_000 }, (_, index) => {
        const step = client * 1_000 + index;
        return { key: 'loss', value: step / 8, timestamp: step, step };
      });

    const answers = await everyone('logging 1,000 points', (client) =>
      call('POST', '2.0/mlflow/runs/log-batch', { run_id, metrics: points(client) }),
    );

    expect(statuses(answers)).toEqual([200]);
    const steps = new Set<number>();
    let page_token: string | undefined;
    do {
      const { body } = await call('GET', '2.0/mlflow/metrics/get-history', {
        run_id,
        metric_key: 'loss',
        max_results: 10_000,
        ...(page_token === undefined ? {} : { page_token }),
      });
      for (const { step } of body.metrics ?? []) steps.add(Number(step));
      page_token = body.next_page_token;
    } while (page_token !== undefined);
    expect(steps.size).toBe(CLIENTS * 1_000);
    const { body } = await call('GET', '2.0/mlflow/runs/get', { run_id });
    expect(body.run.data.metrics).toMatchObject([{ key: 'loss', step: CLIENTS * 1_000 - 1 }]);
  });

  it('set one param: one value wins, and everybody else is refused', async () => {
    const run_id = await createRun();

    const answers = await everyone('racing for a param', (client) =>
      call('POST', '2.0/mlflow/runs/log-parameter', { run_id, key: 'rate', value: `${client}` }),
    );

    const winners = answers.flatMap(({ status }, client) => (status === 200 ? [`${client}`] : []));
    expect(winners).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error_code === 'INVALID_PARAMETER_VALUE')).toHaveLength(CLIENTS - 1);
    const { body } = await call('GET', '2.0/mlflow/runs/get', { run_id });
    expect(body.run.data.params).toEqual([{ key: 'rate', value: winners[0] }]);
  });

  it('move one alias: it ends where the last move on record put it, and the record holds', async () => {
    await createModel('led');
    for (let version = 1; version <= 4; version += 1) await register('led');

    const answers = await everyone('moving an alias', (client) =>
      call('POST', '2.0/mlflow/registered-models/alias', {
        name: 'led',
        alias: 'champion',
        version: `${1 + (client % 4)}`,
      }),
    );

    expect(statuses(answers)).toEqual([200]);
    const asked = { name: 'led', alias: 'champion' };
    const { body } = await call('GET', '2.0/mlflow/registered-models/alias', asked);
    const audit = await openAudit('local', test.clientConfig);
    const moves: unknown[] = [];
    for await (const { record } of readRecords(audit.log, 'led')) {
      if (record?.action === 'set alias') moves.push(record.after);
    }
    const findings: unknown[] = [];
    for await (const verdict of verifyStage(audit)) findings.push(...verdict.findings);
    audit.close();
    expect(moves.at(-1)).toMatchObject({ version: Number(body.model_version.version) });
    expect(findings).toEqual([]);
  });
});
