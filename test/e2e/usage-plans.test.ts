import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stageConfig } from '../../infra/aws/config.ts';
import { type OpenApiKeys, openApiKeys } from '../../infra/commands/api-keys.ts';
import { capturePrefix } from '../../shared/contracts/artifacts.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { openRolloutBench, rolloutDefinition } from '../helpers/rollout-bench.ts';
import { signedFetch } from '../helpers/signed-request.ts';

/** Clients of the prediction API with plans: what they may ask, and what is counted of it. */

const STAGE = {
  ...stageConfig('local'),
  usagePlans: [
    { name: 'gold', rateLimit: 1_000, burstLimit: 1_000, clients: ['acme'] },
    // Three calls, and the next one in a quarter of an hour.
    { name: 'trial', rateLimit: 0.001, burstLimit: 3, clients: ['initech'] },
  ],
  // As many as the tests before the firewall's send.
  firewall: { ratePer5Minutes: 13, botControl: true, countries: { block: ['KP'] } },
};

let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
let keys: OpenApiKeys;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-usage-'));

beforeAll(async () => {
  test = await startTestCloud({ assemblyFolder: await assemble([rolloutDefinition('toy')], '', STAGE), stateFolder });
  bench = openRolloutBench(test, stateFolder);
  keys = await openApiKeys('local', test.clientConfig);
  await bench.serveFirst('toy');
}, 240_000);

afterAll(async () => {
  keys.close();
  bench.close();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

const post = async (client: string | undefined, body: string) => {
  const key = client === undefined ? {} : { 'x-api-key': await keys.valueOf(client) };
  const url = `${test.predictUrl}/models/toy/predict`;
  const headers = { ...key, 'content-type': 'application/json' };
  const answer = await signedFetch(test, { service: 'execute-api', method: 'POST', url, headers, body });
  // The API's own answers have an `error`, the model's a `detail`.
  const { error, detail } = (await answer.json()) as { readonly error?: string; readonly detail?: string };
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), error: error ?? detail };
};
const rows = (rowCount: number): string => {
  const instance = { features: { x: 0.5, kind: 'a' } };
  return JSON.stringify({ instances: Array.from({ length: rowCount }, () => instance) });
};

interface Usage {
  readonly usage: readonly { readonly client: string; readonly requestCount: number; readonly rowCount: number }[];
  readonly countedUntil: Readonly<Record<string, string | null>>;
}
const usage = async (): Promise<Usage> => {
  const { body } = await test.api.call('GET', `${test.platformUrl}/usage?from=2000-01-01&to=2100-01-01`);
  return body as Usage;
};

describe('a client', () => {
  it('without a key of a plan is refused, however well it signs', async () => {
    expect(await post(undefined, rows(1))).toEqual({ status: 403, retryAfter: null, error: 'Forbidden' });
  });

  it('beyond its plan is told when to ask again, while others are answered', async () => {
    const trial: object[] = [];
    for (let call = 0; call < 5; call += 1) trial.push(await post('initech', rows(1)));

    const answered = { status: 200, retryAfter: null, error: undefined };
    const refused = { status: 429, retryAfter: '1', error: 'Too Many Requests' };
    expect(trial).toEqual([answered, answered, answered, refused, refused]);
    for (let call = 0; call < 4; call += 1) expect(await post('acme', rows(3))).toEqual(answered);
  });

  it.each([
    ['our own limit', 5.2, 'bytes, at most 5242880 are allowed'],
    ['what a function takes', 7, 'Request Too Long'],
    ['what the API takes', 10.2, 'Request Too Long'],
  ])('with a body beyond %s is refused before the model runs', async (_, megabytes, message) => {
    const body = `{"instances":[],"padding":"${'x'.repeat(megabytes * 1_024 * 1_024)}"}`;

    const { status, error } = await post('acme', body);

    expect([status, error]).toEqual([413, expect.stringContaining(message)]);
  });

  it('at an address that sends too much is blocked, whatever its plan allows, until it sends less', async () => {
    const blocked = await post('acme', rows(1));
    await test.cloud.clock.advanceBy(6 * MINUTE_MS);
    const later = await post('acme', rows(1));

    expect([blocked.status, blocked.error, later.status]).toEqual([403, 'Forbidden', 200]);
  });

  it('is billed for each answered request and its rows, once, however often its captures come', async () => {
    await test.until('usage is counted', async () => (await usage()).countedUntil.toy !== null);
    const ids = new Map((await keys.list()).map(({ client, id }) => [client, `key:${id}`]));
    const expected = [
      { model: 'toy', version: 1, client: ids.get('acme'), requestCount: 5, rowCount: 13 },
      { model: 'toy', version: 1, client: ids.get('initech'), requestCount: 3, rowCount: 3 },
    ];
    const counted = await usage();
    expect(counted.usage.toSorted((a, b) => b.rowCount - a.rowCount)).toMatchObject(expected);

    // Delivered again, as Firehose may.
    const objects = await test.observer.data.list(capturePrefix('toy'));
    expect(objects.length).toBeGreaterThan(0);
    for (const { key } of objects) await test.observer.data.put(`${key}-again`, await test.observer.data.get(key));
    await test.cloud.clock.advanceBy(MINUTE_MS);
    const lambda = new LambdaClient(test.clientConfig);
    const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName: 'millrace-local-meter-usage' }));
    lambda.destroy();

    const again = await usage();
    expect([FunctionError, again.usage]).toEqual([undefined, counted.usage]);
    expect(again.countedUntil).not.toEqual(counted.countedUntil);
  });

  it('is told by name to the operator who asks what it used', async () => {
    const command = ['infra/commands/usage.ts', '--from', '2000-01-01', '--to', '2100-01-01', '--model', 'toy'];
    const { accessKeyId, secretAccessKey } = test.clientConfig.credentials;
    const env = {
      ...process.env,
      AWS_REGION: test.clientConfig.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...command, '--stage', 'local', '--endpoint', test.cloud.endpoint],
      { env },
    );

    expect(stdout.split('\n').map((line) => line.split(/\s+/))).toEqual([
      ['CLIENT', 'MODEL', 'VERSION', 'REQUESTS', 'ROWS'],
      ['acme', 'toy', '1', '5', '13'],
      ['initech', 'toy', '1', '3', '3'],
      ['all', '8', '16'],
      [''],
    ]);
  });
});
