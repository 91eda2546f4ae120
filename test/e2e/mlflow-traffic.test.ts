import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTrackingTokens } from '../../infra/commands/open-tracking-tokens.ts';
import { newTrackingToken } from '../../shared/core/tracking-access/index.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { readExchanges, replay } from '../helpers/mlflow-traffic.ts';
import { benchDefinition } from '../helpers/training-bench.ts';

/** What MLflow's Python client asked, and was answered, when it was recorded: asked again of the whole API. */

const RECORDS = join(import.meta.dirname, '..', 'reference', 'mlflow-traffic');

let test: TestCloud;
let receiver: Server;
let token = '';

beforeAll(async () => {
  test = await startTestCloud({ assemblyFolder: await assemble([benchDefinition()]) });
  test.cloud.clock.startWall();
  const store = await openTrackingTokens('local', test.clientConfig);
  const createdAtMs = test.cloud.clock.nowMs();
  token = await store.issue(newTrackingToken({ name: 'client', workspaces: ['*'], role: 'admin', createdAtMs }));
  store.close();
  receiver = createServer((request, response) => {
    request.resume().on('end', () => response.end('got it'));
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
}, 240_000);
afterAll(async () => {
  receiver.close();
  await test.stop();
});

describe('the tracking API', () => {
  it('answers the recorded client 3.6 as it did, field by field', { timeout: 120_000 }, async () => {
    const exchanges = readExchanges(join(RECORDS, 'client-3.6.jsonl.gz'));
    const { port } = receiver.address() as AddressInfo;

    const differences = await replay(exchanges, {
      url: (test.cloud.apis['millrace-local-tracking'] ?? '').replace(/\/$/, ''),
      token,
      known: { 'the-receiver': `http://127.0.0.1:${port}/hook` },
    });

    expect(exchanges.length).toBeGreaterThan(400);
    expect(differences.slice(0, 20)).toEqual([]);
  });
});
