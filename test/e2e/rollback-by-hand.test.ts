import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CallFault, type CallSite, NO_FAULTS } from '../../infra/local/contracts.ts';
import type { RolloutFact } from '../../infra/local/story/platform.ts';
import { EVENT_SOURCE } from '../../shared/contracts/events.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import { assemble, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { answering, openRolloutBench, RECONCILE_MS, rolloutDefinition } from '../helpers/rollout-bench.ts';

/** A person's word on rollouts where the alias divides the requests, with calls of AWS that fail when a test says so. */

const MODEL = 'toy';
const ROLL_BACK = 'millrace-local-roll-back';

let test: TestCloud;
let bench: ReturnType<typeof openRolloutBench>;
let events: EventBridgeClient;
let fault: (site: CallSite) => CallFault | undefined = () => undefined;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-by-hand-'));

beforeAll(async () => {
  const definitions = [rolloutDefinition(MODEL), rolloutDefinition('first')];
  test = await startTestCloud({
    assemblyFolder: await assemble(definitions),
    stateFolder,
    simulation: { seed: 6, faults: { ...NO_FAULTS, call: (site) => fault(site) } },
  });
  bench = openRolloutBench(test, stateFolder);
  events = new EventBridgeClient(test.clientConfig);
});

afterAll(async () => {
  bench?.close();
  events?.destroy();
  await test?.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

beforeEach(() => {
  fault = () => undefined;
});

const call = async (method: 'GET' | 'POST', path: string, body?: object, model = MODEL) =>
  test.api.call(method, `${test.platformUrl}/models/${model}${path}`, body);
const newest = async (model = MODEL): Promise<RolloutFact> =>
  (await test.platform.rollouts(model)).at(-1) as RolloutFact;
const liveWeights = (model = MODEL) => test.observer.liveWeights(model);

/** A version of its own in its canary. */
const tryNext = async (model = MODEL): Promise<number> => {
  const version = await bench.upload(model, answering(1 + (await test.platform.versions(model)).length / 1_000));
  await bench.beginCanary(model, version);
  return version;
};

describe('a canary that a person rolls back', () => {
  it('has no traffic once it is answered, ends as that person said, and its workflow ends in peace', async () => {
    await bench.serveFirst(MODEL);
    const before = await bench.inService(MODEL);
    const version = await tryNext();
    const during = await liveWeights();
    const beganAtMs = test.cloud.clock.nowMs();

    const answer = await call('POST', '/rollback', { reason: 'it looks wrong' });
    const tookMs = test.cloud.clock.nowMs() - beganAtMs;

    expect(Object.keys(during ?? {})).toHaveLength(2);
    expect(answer).toMatchObject({ status: 200, body: { model: MODEL, champion: 1 } });
    expect(tookMs).toBeLessThan(MINUTE_MS);
    expect(await bench.inService(MODEL)).toEqual(before);
    const { rolloutId } = await newest();
    expect((await call('GET', `/rollouts/${rolloutId}`)).body).toMatchObject({
      version,
      status: 'ROLLED_BACK',
      reason: 'it looks wrong',
      weights: [0.5, 0],
      decision: { action: 'roll back', reason: 'it looks wrong', decidedBy: expect.stringContaining('arn:') },
    });
    // The same again is no second roll-back, by either path; another word finds nothing to do.
    expect((await call('POST', '/rollback', { reason: 'it looks wrong' })).status).toBe(200);
    expect((await call('POST', `/rollouts/${rolloutId}/rollback`, { reason: 'once more' })).status).toBe(200);
    const other = await call('POST', '/rollback', { reason: 'still worried' });
    expect(other).toMatchObject({ status: 409, body: { detail: expect.stringContaining('nothing is being tried') } });
    await test.cloud.clock.advanceBy(120 * MINUTE_MS);
    expect((await test.observer.executions(/^canary-rollout$/)).at(-1)).toMatchObject({ status: 'SUCCEEDED' });
    expect(await bench.inService(MODEL)).toEqual(before);
  });

  it('of a first version leaves nothing in service', async () => {
    await tryNext('first');

    const answer = await call('POST', '/rollback', { reason: 'not yet' }, 'first');

    expect(answer).toEqual({ status: 200, body: { model: 'first', lambdaVersion: '1' } });
    expect(await liveWeights('first')).toEqual({ 1: 1 });
  });

  it('is given back by Lambda’s next try when the alias cannot be written, which is told as under way', async () => {
    await tryNext();
    let failures = 0;
    fault = ({ caller, operation }) => {
      if (caller !== ROLL_BACK || operation !== 'UpdateAlias' || failures >= 6) return undefined;
      failures += 1;
      return { kind: 'server-error' };
    };

    const answer = await call('POST', '/rollback', { reason: 'it looks wrong' });
    const during = await liveWeights();
    await test.cloud.clock.advanceBy(2 * MINUTE_MS);

    expect(answer).toEqual({ status: 202, body: { model: MODEL, underWay: true } });
    expect(Object.keys(during ?? {})).toHaveLength(2);
    expect(await newest()).toMatchObject({ status: 'ROLLED_BACK', reason: 'it looks wrong' });
    expect(Object.keys((await liveWeights()) ?? {})).toHaveLength(1);
  });

  it('is given back by the reconciler when nothing else can', async () => {
    await tryNext();
    fault = ({ caller, operation }) =>
      caller === ROLL_BACK && operation === 'UpdateAlias' ? { kind: 'server-error' } : undefined;

    const answer = await call('POST', '/rollback', { reason: 'it looks wrong' });
    await test.cloud.clock.advanceBy(RECONCILE_MS);

    expect(answer.status).toBe(202);
    expect(Object.keys((await liveWeights()) ?? {})).toHaveLength(1);
    expect((await bench.inService(MODEL)).champion).toBe(1);
  });
});

describe('a version in service that a person takes back', () => {
  it('is left for the one before, once, and for another by name', async () => {
    const before = await bench.inService(MODEL);
    const version = await bench.upload(MODEL, answering(2));
    expect(await bench.roll(MODEL, version)).toMatchObject({ status: 'PROMOTED' });

    const back = await call('POST', '/rollback', { reason: 'complaints' });
    const again = await call('POST', '/rollback', { reason: 'complaints' });
    const further = await call('POST', '/rollback', { reason: 'more complaints' });

    expect([back, again]).toMatchObject([
      { status: 200, body: { champion: 1 } },
      { status: 200, body: { champion: 1 } },
    ]);
    expect(further.status).toBe(409);
    const { deployment, champion, weights } = await bench.inService(MODEL);
    expect({ champion, weights, lambdaVersion: deployment?.lambdaVersion }).toEqual({
      champion: 1,
      weights: before.weights,
      lambdaVersion: before.deployment?.lambdaVersion,
    });
    expect(await newest()).toMatchObject({ rolloutId: deployment?.rolloutId, status: 'PROMOTED', weights: [1] });
    await test.cloud.clock.advanceBy(2 * RECONCILE_MS);
    expect(await bench.inService(MODEL)).toMatchObject({ champion: 1, weights: before.weights });

    const forward = await call('POST', '/rollback', { version, reason: 'no, it was better' });
    expect(forward).toMatchObject({ status: 200, body: { champion: version } });
    const never = await call('POST', '/rollback', { version: 2, reason: 'that one' });
    expect(never).toMatchObject({ status: 409, body: { detail: expect.stringContaining('had all traffic in none') } });
  });

  it('serves on where the roll-back is cut off, and the next call ends it', async () => {
    const before = await bench.inService(MODEL);
    fault = ({ caller, operation }) =>
      caller === ROLL_BACK && operation === 'UpdateAlias' ? { kind: 'server-error' } : undefined;
    const cutOff = await call('POST', '/rollback', { version: 1, reason: 'complaints' });
    const during = await bench.inService(MODEL);
    fault = () => undefined;

    const ended = await call('POST', '/rollback', { version: 1, reason: 'complaints' });

    expect(cutOff.status).toBe(202);
    expect(during).toEqual(before);
    expect(ended).toMatchObject({ status: 200, body: { champion: 1 } });
    await test.cloud.clock.advanceBy(RECONCILE_MS);
    expect((await bench.inService(MODEL)).champion).toBe(1);
  });
});

describe('a canary that a person promotes', () => {
  it('is on record with who and why, once, and a roll-back still goes before', async () => {
    await tryNext();
    const { rolloutId } = await newest();

    const promoted = await call('POST', `/rollouts/${rolloutId}/promote`, { reason: 'convinced' });
    const again = await call('POST', `/rollouts/${rolloutId}/promote`, { reason: 'pressed twice' });
    const back = await call('POST', `/rollouts/${rolloutId}/rollback`, { reason: 'no, wait' });

    expect(promoted).toMatchObject({ status: 200, body: { decision: { action: 'promote', reason: 'convinced' } } });
    expect(again.body).toEqual(promoted.body);
    expect(back).toMatchObject({ status: 200, body: { champion: 1 } });
    expect(await newest()).toMatchObject({ status: 'ROLLED_BACK', reason: 'no, wait' });
    const late = await call('POST', `/rollouts/${rolloutId}/promote`, { reason: 'yes' });
    expect(late).toMatchObject({ status: 409, body: { detail: expect.stringContaining('decided to roll back it') } });
    expect((await call('POST', '/rollouts/nowhere/promote', { reason: 'x' })).status).toBe(404);
    expect((await call('POST', `/rollouts/${rolloutId}/promote`, {})).status).toBe(400);
  });
});

describe('a version that was rolled back', () => {
  it('is tried again when a person asks, once for each time', async () => {
    const asked = await call('POST', '/rollouts', { version: 2, reason: 'the fault was ours' });
    const { requestId } = asked.body as { readonly requestId: string };
    const detail = { model: MODEL, version: 2, principal: 'ann', reason: 'the fault was ours', requestId };
    const entry = { Source: EVENT_SOURCE, DetailType: 'Rollout Requested', Detail: JSON.stringify(detail) };
    const EventBusName = test.cloud.outputs['Millrace-local-data']?.EventBusName;
    // As a bus delivers now and then.
    await events.send(new PutEventsCommand({ Entries: [{ EventBusName, ...entry }] }));
    const tries = async () => (await bench.rolloutsOf(MODEL, 2)).filter((one) => 'asked' in one);
    await test.until('it was tried', async () => (await tries()).some(({ status }) => status === 'PROMOTED'));
    await test.cloud.clock.advanceBy(3 * 60 * MINUTE_MS);

    expect(asked).toMatchObject({ status: 202, body: { model: MODEL, version: 2 } });
    expect(await tries()).toMatchObject([{ status: 'PROMOTED', asked: { reason: 'the fault was ours', requestId } }]);
    expect((await bench.inService(MODEL)).champion).toBe(2);
    expect(await call('POST', '/rollouts', { version: 2, reason: 'once more' })).toMatchObject({
      status: 409,
      body: { detail: 'version 2 of toy serves already' },
    });
    expect((await call('POST', '/rollouts', { version: 99, reason: 'x' })).status).toBe(404);
  });
});
