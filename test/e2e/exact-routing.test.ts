import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { assign, type ExperimentResults, type RoutingPlan, unitOf } from '../../shared/core/routing/index.ts';
import { DAY_MS, MINUTE_MS } from '../../shared/kernel/time.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { answering, openRolloutBench, RECONCILE_MS, rolloutDefinition } from '../helpers/rollout-bench.ts';
import { signedFetch } from '../helpers/signed-request.ts';

/** One model whose function divides its requests by a plan, through the gateway, as its operator and callers see it. */

const RAMP = [0.01, 0.05, 0.25, 1];
const USERS = Array.from({ length: 40 }, (_, i) => `user-${i}`);
/** A plan in use is at most this old. */
const PLAN_AGE_MS = 5_000;

const sha256 = (text: string): string => hash('sha256', text);
let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-routing-'));

beforeAll(async () => {
  const routing = {
    unit: { header: 'x-user' },
    cohorts: [{ name: 'testers', when: { header: 'x-team', in: ['ours'] }, to: 'canary' as const }],
  };
  const deployment = { canarySteps: RAMP, bakeMinutes: 60, router: 'exact' as const, routing };
  test = await startTestCloud({
    assemblyFolder: await assemble([rolloutDefinition('routed', { deployment })]),
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

const predict = async (headers: Readonly<Record<string, string>>): Promise<number> => {
  const url = `${test.predictUrl}/models/routed/predict`;
  const body = JSON.stringify({ features: { x: 0.5, kind: 'a' } });
  const sent = { 'content-type': 'application/json', ...headers };
  const answer = await signedFetch(test, { service: 'execute-api', method: 'POST', url, headers: sent, body });
  const told = (await answer.json()) as { readonly version?: number };
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(told)}`);
  return told.version ?? 0;
};

/** The version of each user, a moment after the last change. */
const versionsNow = async (users: readonly string[] = USERS): Promise<readonly number[]> => {
  await test.cloud.clock.advanceBy(PLAN_AGE_MS);
  const versions: number[] = [];
  for (const user of users) versions.push(await predict({ 'x-user': user }));
  return versions;
};

const call = async (method: 'GET' | 'POST', path: string, body?: object) =>
  test.api.call(method, `${test.platformUrl}/models/routed${path}`, body);
const pageAt = async (path: string): Promise<string> => {
  const url = `${test.platformUrl}/models/routed${path}`;
  const answer = await signedFetch(test, { service: 'execute-api', method: 'GET', url });
  expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
  return answer.text();
};
const sampleRatioAlarm = async (): Promise<string | undefined> => {
  const client = new CloudWatchClient(test.clientConfig);
  const AlarmNames = ['millrace-local-routed-sample-ratio'];
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames }));
  client.destroy();
  return MetricAlarms[0]?.StateValue;
};
const planNow = async (): Promise<RoutingPlan> => (await call('GET', '/routing')).body as RoutingPlan;
const expected = (plan: RoutingPlan, user: string): number =>
  assign(plan, { unitKey: user, valueAt: () => undefined, random: 0 }, sha256).version;
const all = (version: number, users: readonly string[] = USERS): readonly number[] => users.map(() => version);

it('the first version has everything, by a plan', async () => {
  await bench.serveFirst('routed');

  expect(await versionsNow(USERS.slice(0, 3))).toEqual([1, 1, 1]);
  expect(await planNow()).toMatchObject({ champion: 1, arms: [{ version: 1, share: 10_000 }] });
});

it('a ramp moves each user once and never back, with exactly the plan’s shares', async () => {
  await test.platform.approve('routed', await bench.upload('routed', answering(2)), 'tried by hand');
  const seen: (readonly number[])[] = [await versionsNow()];
  const shares: (number | undefined)[] = [];
  for (const weight of RAMP.slice(0, -1)) {
    await test.until(`the canary has ${weight}`, async () =>
      (await bench.rolloutsOf('routed', 2)).some(({ weights }) => weights.at(-1) === weight),
    );
    const versions = await versionsNow();
    const plan = await planNow();
    shares.push(plan.arms.find(({ version }) => version === 2)?.share);
    expect(versions).toEqual(USERS.map((user) => expected(plan, user)));
    seen.push(versions);
    if (weight === RAMP[0]) expect(await predict({ 'x-user': 'user-0', 'x-team': 'ours' })).toBe(2);
  }
  expect(await bench.ended('routed', 2)).toMatchObject({ status: 'PROMOTED', weights: RAMP });
  seen.push(await versionsNow());

  expect(shares).toEqual([100, 500, 2_500]);
  expect(seen.at(-1)).toEqual(all(2));
  for (const [index] of USERS.entries()) {
    const versions = seen.map((at) => at[index] ?? 0);
    expect(versions).toEqual(versions.toSorted());
  }
  expect(seen[3]?.includes(1) && seen[3].includes(2)).toBe(true);
  const { deployment, champion, weights } = await bench.inService('routed');
  expect({ deployment, champion }).toMatchObject({ deployment: { version: 2 }, champion: 2 });
  expect(Object.values(weights ?? {})).toEqual([1]);
  expect(await planNow()).toMatchObject({ champion: 2, arms: [{ version: 2, share: 10_000 }] });
});

it('one call rolls a canary back within the plan’s age, and its workflow ends in peace', async () => {
  await test.platform.approve('routed', await bench.upload('routed', answering(3)), 'tried by hand');
  await test.until('the canary has a quarter', async () =>
    (await bench.rolloutsOf('routed', 3)).some(({ weights }) => weights.at(-1) === 0.25),
  );
  const during = await versionsNow();

  const answer = await call('POST', '/rollback', { reason: 'it looks wrong' });
  const after = await versionsNow();
  const repeated = await call('POST', '/rollback', { reason: 'pressed twice' });
  await test.cloud.clock.advanceBy(2 * 60 * MINUTE_MS);

  expect(during).toContain(3);
  expect(answer).toMatchObject({ status: 200, body: { champion: 2, arms: [{ version: 2, share: 10_000 }] } });
  expect(after).toEqual(all(2));
  expect(repeated.status).toBe(409);
  expect(await bench.rolloutsOf('routed', 3)).toMatchObject([{ status: 'ROLLED_BACK', reason: 'it looks wrong' }]);
  expect((await test.observer.executions(/^canary-rollout$/)).at(-1)).toMatchObject({ status: 'SUCCEEDED' });
  // Told by the call, and not once more by the workflow.
  expect(await bench.rollBackMails('routed')).toHaveLength(1);
  expect(await versionsNow(USERS.slice(0, 5))).toEqual(all(2, USERS.slice(0, 5)));
});

it('reports of its rollouts are pages, over time and each by itself', async () => {
  const timeline = await pageAt('/rollouts/report');
  const [, rolloutId = ''] = /<a href="([^"]*)\/report">/.exec(timeline) ?? [];
  const one = await pageAt(`/rollouts/${rolloutId}/report`);
  const data = (await call('GET', `/rollouts/${rolloutId}/report?format=json`)).body;

  expect(timeline.match(/<th scope="row"/g)).toHaveLength(3);
  expect(one).toContain('✗ Rolled back');
  expect(data).toMatchObject({ rolloutId, version: 3, status: 'ROLLED_BACK', reason: 'it looks wrong' });
});

it('one call goes back to an earlier version that the function holds, and it is the deployment', async () => {
  const refused = await call('POST', '/rollback', { version: 9, reason: 'no such version' });
  const answer = await call('POST', '/rollback', { version: 1, reason: 'the old one was better' });

  expect(refused.status).toBe(409);
  expect(answer).toMatchObject({ status: 200, body: { champion: 1 } });
  expect(await versionsNow()).toEqual(all(1));
  await test.cloud.clock.advanceBy(2 * RECONCILE_MS);
  expect(await bench.inService('routed')).toMatchObject({ champion: 1, deployment: { version: 1 } });
  expect((await planNow()).champion).toBe(1);
});

it('an experiment has its shares, tells a skew from none, and ends by a call', async () => {
  const arms = [1, 2].map((version) => ({ version, share: 0.5 }));
  const body = { name: 'old-or-new', arms, durationHours: 48, reason: 'which is better?' };
  const started = await call('POST', '/experiments', body);
  const plan = await planNow();
  const many = Array.from({ length: 70 }, (_, i) => `caller-${i}`);
  const results = async () => {
    await test.cloud.clock.advanceBy(20 * MINUTE_MS);
    return (await call('GET', '/experiments/old-or-new')).body as ExperimentResults;
  };

  const versions = await versionsNow(many);
  const clean = await results();
  // A fault somewhere before us loses one side's units.
  const lopsided = Array.from({ length: 400 }, (_, i) => `other-${i}`).filter((user) => expected(plan, user) === 1);
  await versionsNow(lopsided.slice(0, 110));
  const skewed = await results();
  const page = await pageAt('/experiments/old-or-new?format=html');
  await test.cloud.clock.advanceBy(DAY_MS);
  const rings = await sampleRatioAlarm();
  const ended = await call('POST', '/experiments/old-or-new/end', { reason: 'the skew' });

  expect(started.status).toBe(201);
  expect(versions).toEqual(many.map((user) => expected(plan, user)));
  const counted = (version: number) => versions.filter((one) => one === version).length;
  expect(clean.results).toMatchObject([1, 2].map((version) => ({ version, share: 0.5, unitCount: counted(version) })));
  expect(clean.sampleRatio.skewed).toBe(false);
  expect(skewed.sampleRatio.skewed).toBe(true);
  expect(page).toContain('✗ Skewed');
  expect(rings).toBe('ALARM');
  expect(ended).toMatchObject({ status: 200, body: { sampleRatio: { skewed: true } } });
  expect(await versionsNow(USERS.slice(0, 5))).toEqual(all(1, USERS.slice(0, 5)));
  expect(unitOf(plan.salt, 'caller-0', sha256)).toHaveLength(32);
});

it('a rollout whose execution is gone leaves no canary behind', async () => {
  await test.platform.approve('routed', await bench.upload('routed', answering(4)), 'tried by hand');
  await test.until('the canary has a quarter', async () =>
    (await bench.rolloutsOf('routed', 4)).some(({ weights }) => weights.at(-1) === 0.25),
  );
  await bench.stopRollout('routed');

  await test.cloud.clock.advanceBy(RECONCILE_MS);

  expect(await bench.rolloutsOf('routed', 4)).toMatchObject([{ status: 'FAILED' }]);
  expect(await planNow()).toMatchObject({ champion: 1, arms: [{ version: 1, share: 10_000 }] });
  expect(await versionsNow()).toEqual(all(1));
});
