import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPageCalls } from '../../infra/local/pages/page-calls.ts';
import { type PageServer, servePages } from '../../infra/local/pages/serve-pages.ts';
import { fleetPageKey, modelPageKey } from '../../shared/contracts/pages.ts';
import { type Fleet, type ModelPage, PAGES_CONTENT_POLICY } from '../../shared/core/pages/index.ts';
import { DAY_MS, HOUR_MS } from '../../shared/kernel/time.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { BENCH_START_MS, benchDefinition } from '../helpers/training-bench.ts';

/** Pages on the embedded cloud: what the morning's check leaves in the data bucket, and what npm start shows of it. */

const ROWS = 120;
const SERVED = 16;
const day = (count: number): number => BENCH_START_MS + count * DAY_MS;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-pages-'));

let test: TestCloud;
let server: PageServer;

const readText = async (key: string): Promise<string> => new TextDecoder().decode(await test.observer.data.get(key));

beforeAll(async () => {
  const definition = benchDefinition({
    deployment: { canarySteps: [1], bakeMinutes: 60 },
    monitors: { windowDays: 1, minRows: 50 },
    retraining: { onDrift: false },
  });
  test = await startTestCloud({ assemblyFolder: await assemble([definition]), stateFolder });
  const { cloud, platform, platformUrl, clientConfig } = test;
  const key = clientConfig.credentials.accessKeyId;
  const calls = createPageCalls({ platformUrl, region: clientConfig.region, key, nowMs: () => cloud.clock.nowMs() });
  server = await servePages({ calls, port: 0, onProblem: (message) => expect.unreachable(message) });
  await test.loadToyDays(0, 30);
  await platform.requestTraining('toy', 'first');
  await test.until('version 1 serves', async () =>
    (await platform.rollouts('toy')).some(({ status }) => status === 'PROMOTED'),
  );
  await cloud.clock.advanceTo(day(SERVED) + 12 * HOUR_MS);
  const instances = Array.from({ length: ROWS }, (_, i) => ({
    predictionId: `p-${i}`,
    features: { x: i / ROWS, kind: ['a', 'b', 'c'][i % 3] },
  }));
  expect((await platform.predict('toy', { instances })).status).toBe(200);
  await cloud.clock.advanceTo(day(SERVED + 1) + 7 * HOUR_MS);
}, 120_000);

afterAll(async () => {
  await server?.close();
  await test?.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

describe('the pages of a stage', () => {
  it('are left in the data bucket by the morning’s check, with what the steps before it found', async () => {
    const page: ModelPage = JSON.parse(await readText(modelPageKey('toy', 'json')));
    const fleet: Fleet = JSON.parse(await readText(fleetPageKey('json')));

    expect(fleet).toMatchObject({ stage: 'local', models: [{ model: 'toy', version: { text: 'version 1' } }] });
    expect(page.atMs).toBe(day(SERVED + 1) + 6 * HOUR_MS);
    expect(page.distributions.known?.features.map(({ name }) => name).toSorted()).toEqual(['@prediction', 'kind', 'x']);
    expect(page.heatMap.known?.days).toHaveLength(1);
    expect(page.tests.missing).toBeUndefined();
    expect(page.score.missing).toBeUndefined();
    expect(page.lineage.known?.rows).toMatchObject([{ version: 1, serving: true, rollouts: [{ deployed: true }] }]);
    expect(await readText(modelPageKey('toy', 'html'))).toContain('<h1>toy</h1>');
  });

  it('are shown live by the server of npm start, which signs for the browser', async () => {
    const fleet = await fetch(server.url);
    const model = await fetch(new URL('/pages/toy', server.url));
    const card = await fetch(new URL('/models/toy/versions/1/card?format=html', server.url));

    expect([fleet.status, model.status, card.status]).toEqual([200, 200, 200]);
    expect(model.headers.get('content-security-policy')).toBe(PAGES_CONTENT_POLICY);
    expect(await fleet.text()).toContain('href="pages/toy"');
    expect(await model.text()).toContain('../models/toy/versions/1/card?format=html');
  });
});
