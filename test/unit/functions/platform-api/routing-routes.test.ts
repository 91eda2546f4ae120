import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { experimentRoutes } from '../../../../functions/platform-api/experiment-routes.ts';
import { rollbackRoute } from '../../../../functions/platform-api/rollback-route.ts';
import type { PlatformDeps } from '../../../../functions/platform-api/routes.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createMemoryRoutingPlans } from '../../../../shared/adapters/memory/routing-plans.ts';
import { captureDayPrefix } from '../../../../shared/contracts/artifacts.ts';
import { REPORT_CONTENT_POLICY } from '../../../../shared/core/reports/index.ts';
import { canaryPlan, settledPlan } from '../../../../shared/core/routing/index.ts';
import { createRouter, type HttpResponse, renderProblem } from '../../../../shared/http/index.ts';
import { HOUR_MS, utcDay } from '../../../../shared/kernel/time.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const DIGEST = 'a'.repeat(64);

/** Versions 1 and 2 were rolled out, and the function in service may serve both. */
const open = async () => {
  let nowMs = NOW_MS;
  const { registry } = createMemoryRegistry();
  const plans = createMemoryRoutingPlans(({ members }) => members.map(({ version }) => version).join('+'));
  const events = createMemoryEventPublisher();
  const captures = createMemoryArtifactStore();
  const members: Parameters<typeof plans.keepRoster>[0]['members'][number][] = [];
  const rollout = (version: number) => ({
    model: 'toy',
    rolloutId: `rollout-${version}`,
    kind: 'model' as const,
    version,
    startedAtMs: version,
    previousLambdaVersion: String(version),
    ...(version > 1 ? { previousVersion: version - 1 } : {}),
    lambdaVersion: String(version + 1),
    codeSha256: 'code',
    routing: {},
  });
  const register = async (version: number): Promise<void> => {
    const about = { model: 'toy', owner: 'ann', runId: `run-${version}`, metrics: {}, trainedThroughMs: 0 };
    const files = { modelDigest: DIGEST, manifestDigest: DIGEST, artifactPrefix: 'models/toy/', datasetSnapshot: 's' };
    await registry.registerVersion({ ...about, ...files, principal: 'w', registeredAtMs: version }, 1_000);
    await registry.decideVersion({ model: 'toy', version, status: 'APPROVED', decidedBy: 'ann', decidedAtMs: version });
  };
  const by = { model: 'toy', principal: 'workflow', atMs: 1 };
  for (const version of [1, 2]) {
    await register(version);
    members.push({ version, modelDigest: DIGEST, manifestDigest: DIGEST, artifactPrefix: 'models/toy/' });
    const rosterDigest = await plans.keepRoster({ model: 'toy', members: [...members] });
    const started = { ...rollout(version), rosterDigest };
    await registry.startRollout(started);
    const { model, rolloutId, lambdaVersion, codeSha256 } = started;
    const deployment = { model, version, lambdaVersion, codeSha256, rolloutId, promotedAtMs: version };
    const ended = { model, rolloutId, status: 'PROMOTED' as const, endedAtMs: version, principal: 'w', deployment };
    await registry.endRollout(ended);
    await plans.change(by, (standing) => settledPlan(standing, { model, version, atMs: version }));
  }
  const definitions = new Map([['toy', { task: 'binary-classification' }]]);
  const clock = { nowMs: () => nowMs };
  const asked: unknown[] = [];
  const rollBack: PlatformDeps['rollBack'] = {
    rollBack: async (request) => {
      asked.push(request);
      return { model: request.model, underWay: true };
    },
  };
  const deps = { registry, plans, events, captures, definitions, rollBack, clock } as unknown as PlatformDeps;
  const router = createRouter([rollbackRoute(deps), ...experimentRoutes(deps)], renderProblem);
  let requests = 0;
  const ask = async (method: 'GET' | 'POST', path: string, body?: object) => {
    requests += 1;
    const response: HttpResponse = await router({
      method,
      path: `/models/toy${path}`,
      query: {},
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
      principal: 'ann',
      requestId: `q${requests}`,
    } as never);
    return { status: response.status, body: JSON.parse(String(response.body)) };
  };
  const page = async (path: string): Promise<HttpResponse> =>
    router({ method: 'GET', path: `/models/toy${path}`, query: { format: 'html' }, headers: {} } as never);
  return {
    registry,
    plans,
    events,
    captures,
    asked,
    ask,
    page,
    beginCanary: async () => {
      await register(3);
      await registry.startRollout({ ...rollout(3), previousVersion: 2 });
      const shift = {
        model: 'toy',
        rolloutId: 'rollout-3',
        version: 3,
        champion: 2,
        weight: 0.25,
        settings: {},
        atMs: 3,
      };
      await plans.change(by, (standing) => canaryPlan(standing, shift));
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
};

describe('a rollback', () => {
  it('of a canary gives the champion everything and ends the rollout, by who asked and why', async () => {
    const { ask, beginCanary, registry, plans, events } = await open();
    await beginCanary();

    const { status, body } = await ask('POST', '/rollback', { reason: 'it fails' });

    expect({ status, body }).toMatchObject({
      status: 200,
      body: { champion: 2, arms: [{ version: 2, share: 10_000 }] },
    });
    expect(await registry.getRollout('toy', 'rollout-3')).toMatchObject({ status: 'ROLLED_BACK', reason: 'it fails' });
    expect(plans.changes.at(-1)).toMatchObject({ principal: 'ann', reason: 'it fails' });
    expect(events.published.at(-1)).toMatchObject({ detail: { version: 3, rolloutId: 'rollout-3' } });
    expect(await ask('POST', '/rollback', { reason: 'pressed twice' })).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('nothing is being tried on toy') },
    });
  });

  it('that was cut off between its writes is finished by the next', async () => {
    const { ask, beginCanary, registry, plans } = await open();
    await beginCanary();
    const end = { status: 'ROLLED_BACK' as const, endedAtMs: 9, principal: 'ann' };
    await registry.endRollout({ model: 'toy', rolloutId: 'rollout-3', ...end });

    const { status } = await ask('POST', '/rollback', { reason: 'again' });

    expect(status).toBe(200);
    expect((await plans.get('toy'))?.arms).toEqual([{ version: 2, share: 10_000, slots: [[0, 10_000]] }]);
  });

  it('to a version makes it the deployment, by a rollout of one step', async () => {
    const { ask, registry, plans } = await open();

    const { status } = await ask('POST', '/rollback', { version: 1, reason: 'it was better' });
    const again = await ask('POST', '/rollback', { version: 1, reason: 'pressed twice' });

    expect([status, again.status]).toEqual([200, 200]);
    expect(await registry.getDeployment('toy')).toMatchObject({
      version: 1,
      lambdaVersion: '3',
      rolloutId: 'rollback-q1',
    });
    expect((await registry.getModel('toy')).aliases.champion).toBe(1);
    expect((await plans.get('toy'))?.champion).toBe(1);
    expect((await registry.listRollouts('toy', 10)).items).toHaveLength(3);
    // What goes on from here may go forward again.
    expect((await ask('POST', '/rollback', { version: 2, reason: 'no, it was not' })).status).toBe(200);
  });

  it('without a canary takes back the newest promotion, once', async () => {
    const { ask, registry, plans } = await open();

    const { status } = await ask('POST', '/rollback', { reason: 'complaints' });

    expect(status).toBe(200);
    expect((await plans.get('toy'))?.champion).toBe(1);
    expect(await registry.getDeployment('toy')).toMatchObject({ version: 1 });
    expect((await ask('POST', '/rollback', { reason: 'still' })).status).toBe(409);
    expect((await plans.get('toy'))?.champion).toBe(1);
  });

  it('of a rollout of code is left to the function that moves the alias', async () => {
    const { ask, registry, asked } = await open();
    const code = { model: 'toy', rolloutId: 'code-1', kind: 'code', version: 2, startedAtMs: 9 } as const;
    await registry.startRollout({ ...code, previousLambdaVersion: '3', previousVersion: 2, routing: {} });

    const { status, body } = await ask('POST', '/rollback', { reason: 'it fails' });

    expect({ status, body }).toEqual({ status: 202, body: { model: 'toy', underWay: true } });
    expect(asked).toEqual([{ model: 'toy', reason: 'it fails', principal: 'ann', requestId: 'q1' }]);
  });

  it.each([
    [
      { version: 7, reason: 'x' },
      409,
      'version 7 of toy is not among those that its function in service may serve (1, 2)',
    ],
    [{ version: 0, reason: 'x' }, 400, 'version'],
    [{ version: 1 }, 400, 'reason'],
  ])('as %j is refused', async (body, status, says) => {
    const { ask } = await open();

    expect(await ask('POST', '/rollback', body)).toMatchObject({
      status,
      body: { detail: expect.stringContaining(says) },
    });
  });
});

describe('an experiment', () => {
  const arms = [
    { version: 1, share: 0.3 },
    { version: 2, share: 0.7 },
  ];
  const body = { name: 'new', arms, durationHours: 2, reason: 'is it better?' };

  it('is started once, counted while it runs, and its results stay after its end', async () => {
    const { ask, captures, page, pass, plans } = await open();
    const started = await ask('POST', '/experiments', body);
    const again = await ask('POST', '/experiments', body);
    const line = (id: string, version: number, assignment: object) => ({
      kind: 'prediction',
      predictionId: id,
      atMs: NOW_MS,
      model: 'toy',
      version,
      modelDigest: DIGEST,
      inputs: {},
      output: 0.5,
      latencyMs: 1,
      assignment: { probability: 0.3, plan: 'new#3', arm: 'new', ...assignment },
    });
    const lines = [line('a', 1, { unit: 'u1' }), line('b', 2, { unit: 'u2' }), line('b', 2, { unit: 'u2' })];
    const text = lines.map((one) => `${JSON.stringify(one)}\n`).join('');
    await captures.put(`${captureDayPrefix('toy', utcDay(NOW_MS))}12/object.gz`, gzipSync(text));

    const shown = await ask('GET', '/experiments/new');
    const ended = await ask('POST', '/experiments/new/end', { reason: 'enough' });

    expect([started.status, again.status]).toEqual([201, 201]);
    expect((await plans.get('toy'))?.revision).toBe(4);
    const results = [
      { version: 1, share: 0.3, unitCount: 1, predictionCount: 1 },
      { version: 2, share: 0.7, unitCount: 1, predictionCount: 1 },
    ];
    expect(shown.body).toMatchObject({ complete: true, results, sampleRatio: { skewed: false } });
    expect(ended).toMatchObject({ status: 200, body: { experimentId: 'new', endedAtMs: NOW_MS, results } });
    expect((await ask('GET', '/experiments/new')).body).toEqual(ended.body);
    expect((await plans.get('toy'))?.arms).toMatchObject([{ version: 2, share: 10_000 }]);
    // Once nothing of its time can still be on its way, it is compared, too.
    expect(shown.body).toMatchObject({ control: 2, comparisons: [{ version: 1, control: 2, evidence: [] }] });
    pass(2 * HOUR_MS);
    const units = { canary: 1, champion: 1 };
    expect((await ask('GET', '/experiments/new')).body).toMatchObject({
      comparisons: [
        {
          evidence: [
            { metric: 'errors', last: { units } },
            { metric: 'prediction', last: { units } },
          ],
        },
      ],
    });
    const { headers, body: html } = await page('/experiments/new');
    expect(headers['content-security-policy']).toBe(REPORT_CONTENT_POLICY);
    expect(html).toContain('<h2>Version 1 against 2</h2>');
  });

  it('waits for a rollout, and takes versions that its function may serve', async () => {
    const { ask, beginCanary } = await open();
    const strange = { ...body, arms: [...arms.slice(1), { version: 5, share: 0.3 }] };

    expect(await ask('POST', '/experiments', strange)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('version 5 of toy is not among') },
    });
    await beginCanary();
    expect(await ask('POST', '/experiments', body)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('rollout rollout-3 of toy is running') },
    });
  });

  it('of another name is not known; two do not run at once', async () => {
    const { ask, pass } = await open();
    await ask('POST', '/experiments', body);

    expect((await ask('GET', '/experiments/old')).status).toBe(404);
    expect((await ask('POST', '/experiments', { ...body, name: 'other' })).status).toBe(409);
    pass(3 * HOUR_MS);
    // Its time is over: another may begin before anybody has settled the plan.
    expect((await ask('POST', '/experiments', { ...body, name: 'other' })).status).toBe(201);
  });
});
