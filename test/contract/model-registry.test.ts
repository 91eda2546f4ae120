import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLineageStore } from '../../shared/adapters/dynamodb/lineage-store.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { createRetrainingLedger } from '../../shared/adapters/dynamodb/retraining-ledger.ts';
import { createMemoryRegistry } from '../../shared/adapters/memory/model-registry.ts';
import { createMemoryRetrainingLedger } from '../../shared/adapters/memory/retraining-ledger.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import type { ModelRegistry, RetrainingLedger } from '../../shared/ports/model-registry.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

interface Subject {
  readonly registry: ModelRegistry;
  readonly lineage: LineageStore;
  readonly ledger: RetrainingLedger;
}

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

const subjects: Readonly<Record<string, () => Subject>> = {
  memory: () => ({ ...createMemoryRegistry(), ledger: createMemoryRetrainingLedger() }),
  'the embedded DynamoDB': () => ({
    registry: createModelRegistry(tables),
    lineage: createLineageStore(tables),
    ledger: createRetrainingLedger(tables),
  }),
};

const DEADLINE_MS = 60_000;
/** All lose to one: what they cost grows with the square. Say `CROWD=200` for more. */
const CROWD = Number(process.env.CROWD ?? 80);
const registration = (model: string, runId: string) => ({
  model,
  runId,
  owner: 'owner',
  principal: 'workflow:train',
  modelDigest: 'a'.repeat(64),
  artifactPrefix: `models/${model}/${'a'.repeat(64)}/`,
  manifestDigest: 'b'.repeat(64),
  metrics: { holdoutLoss: 0.4375, holdoutRowCount: 1000 },
  trainedThroughMs: 1_000,
  datasetSnapshot: `snapshot-of-${runId}`,
  registeredAtMs: 2_000,
});
const start = (model: string, runId: string, startedAtMs: number) => ({
  model,
  runId,
  executionArn: `arn:${runId}`,
  cause: { kind: 'call', principal: 'p', requestId: 'r' },
  startedAtMs,
});
const rollout = (model: string, rolloutId: string, startedAtMs = 10) => ({
  model,
  rolloutId,
  kind: 'model' as const,
  version: 1,
  startedAtMs,
  previousLambdaVersion: '1',
});
const approve = (registry: ModelRegistry, model: string, version: number) =>
  registry.decideVersion({ model, version, status: 'APPROVED', decidedBy: 'ann', decidedAtMs: 5 });

describe.each(Object.entries(subjects))('the registry on %s', (_where, open) => {
  it('numbers versions from 1 and returns them whole', async () => {
    const { registry } = open();

    await registry.registerVersion(registration('numbers', 'run-1'), DEADLINE_MS);
    await registry.registerVersion(registration('numbers', 'run-2'), DEADLINE_MS);

    const { owner: _, principal: __, ...expected } = registration('numbers', 'run-2');
    expect(await registry.getVersion('numbers', 2)).toEqual({
      ...expected,
      version: 2,
      status: 'PENDING_APPROVAL',
      updatedAtMs: 2_000,
      source: `mlflow-artifacts:/models/numbers/${'a'.repeat(64)}`,
      stage: 'None',
      description: '',
      tags: {},
    });
    expect(await registry.getModel('numbers')).toEqual({
      model: 'numbers',
      owner: 'owner',
      latestVersion: 2,
      aliases: {},
      description: '',
      tags: {},
      createdAtMs: 2_000,
      updatedAtMs: 2_000,
      packaged: true,
      latestByStage: { None: 2 },
    });
  });

  it('gives a run one version, however often it registers', async () => {
    const { registry } = open();

    const first = await registry.registerVersion(registration('again', 'run-1'), DEADLINE_MS);
    const second = await registry.registerVersion(
      { ...registration('again', 'run-1'), registeredAtMs: 9 },
      DEADLINE_MS,
    );

    expect(second).toEqual(first);
    expect((await registry.getModel('again')).latestVersion).toBe(1);
  });

  it(`numbers ${CROWD} concurrent registrations without a gap or a double`, async () => {
    const { registry } = open();
    const runs = Array.from({ length: CROWD }, (_, i) => `run-${i}`);

    const versions = await Promise.all(
      runs.map((runId) => registry.registerVersion(registration('crowd', runId), DEADLINE_MS)),
    );

    const numbers = versions.map(({ version }) => version).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: CROWD }, (_, i) => i + 1));
    expect((await registry.getModel('crowd')).latestVersion).toBe(CROWD);
  }, 90_000);

  it('records lineage from data to version to deployment with the writes that make it true', async () => {
    const { registry, lineage } = open();
    await registry.registerVersion(registration('line', 'run-1'), DEADLINE_MS);
    await registry.startRollout(rollout('line', 'rollout-1'));
    await registry.endRollout({
      model: 'line',
      rolloutId: 'rollout-1',
      status: 'PROMOTED',
      endedAtMs: 30,
      principal: 'workflow:canary-rollout',
      deployment: {
        model: 'line',
        version: 1,
        lambdaVersion: '2',
        codeSha256: 'c',
        rolloutId: 'rollout-1',
        promotedAtMs: 30,
      },
    });

    const version = { kind: 'model-version', id: 'line@1' } as const;
    const run = { kind: 'run', id: 'line/run-1' } as const;
    const snapshot = { kind: 'dataset-snapshot', id: 'snapshot-of-run-1' } as const;
    const deployment = { kind: 'deployment', id: 'line/rollout-1' } as const;
    const tried = { kind: 'rollout', id: 'line/rollout-1' } as const;
    expect((await lineage.upstream(version)).items).toEqual([
      { upstream: run, downstream: version, recordedAtMs: 2_000 },
    ]);
    expect((await lineage.upstream(run)).items).toEqual([{ upstream: snapshot, downstream: run, recordedAtMs: 2_000 }]);
    expect((await lineage.downstream(version)).items).toEqual([
      { upstream: version, downstream: deployment, recordedAtMs: 30 },
      { upstream: version, downstream: tried, recordedAtMs: expect.any(Number) },
    ]);
    expect((await lineage.downstream(tried)).items).toEqual([
      { upstream: tried, downstream: deployment, recordedAtMs: 30 },
    ]);
    expect((await registry.getModel('line')).aliases).toEqual({ champion: 1 });
    expect((await registry.getDeployment('line'))?.lambdaVersion).toBe('2');
    expect(await registry.getServingSnapshot('line')).toEqual({
      latestVersion: 1,
      deployment: await registry.getDeployment('line'),
    });
  });

  it('lets the first decision stand and refuses the other one', async () => {
    const { registry } = open();
    await registry.registerVersion(registration('decide', 'run-1'), DEADLINE_MS);

    const first = await approve(registry, 'decide', 1);
    const again = await registry.decideVersion({
      model: 'decide',
      version: 1,
      status: 'APPROVED',
      decidedBy: 'bob',
      decidedAtMs: 99,
    });

    expect(again).toEqual(first);
    expect(again).toMatchObject({ status: 'APPROVED', decidedBy: 'ann', decidedAtMs: 5 });
    const reject = { model: 'decide', version: 1, status: 'REJECTED', decidedBy: 'bob', decidedAtMs: 99 } as const;
    await expect(registry.decideVersion(reject)).rejects.toMatchObject({ name: 'InvalidStateError' });
    await expect(registry.decideVersion({ ...reject, version: 2 })).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('points an alias to approved versions only, and takes it away', async () => {
    const { registry } = open();
    await registry.registerVersion(registration('alias', 'run-1'), DEADLINE_MS);
    const point = (version: number | undefined) =>
      registry.setAlias({ model: 'alias', alias: 'challenger', version, principal: 'ann', atMs: 9 });

    await expect(point(1)).rejects.toMatchObject({ name: 'InvalidStateError' });
    await expect(point(2)).rejects.toMatchObject({ name: 'NotFoundError' });
    await approve(registry, 'alias', 1);
    await point(1);

    expect((await registry.getModel('alias')).aliases).toEqual({ challenger: 1 });
    await point(undefined);
    expect((await registry.getModel('alias')).aliases).toEqual({});
  });

  it('pages versions, newest first, and refuses a cursor from elsewhere', async () => {
    const { registry } = open();
    for (const run of ['a', 'b', 'c']) await registry.registerVersion(registration('pages', run), DEADLINE_MS);

    const first = await registry.listVersions('pages', 2);
    const second = await registry.listVersions('pages', 2, first.nextCursor);

    expect(first.items.map(({ version }) => version)).toEqual([3, 2]);
    expect(second.items.map(({ version }) => version)).toEqual([1]);
    expect(second.nextCursor).toBeUndefined();
    await expect(registry.listVersions('pages', 2, 'bm9uc2Vuc2U')).rejects.toMatchObject({
      name: 'InvalidRequestError',
    });
    await expect(registry.listVersions('pages', 0)).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });

  it('starts and ends a run once, and lists runs newest first', async () => {
    const { registry } = open();
    await registry.startRun(start('runs', 'old', 1));
    await registry.startRun(start('runs', 'new', 20));

    const again = await registry.startRun(start('runs', 'old', 999));
    const end = { model: 'runs', runId: 'old', outcome: 'done', endedAtMs: 5, version: 1 } as const;
    await registry.endRun({ ...end, status: 'FINISHED' });
    await registry.endRun({ ...end, status: 'FINISHED', endedAtMs: 6 });

    expect(again.startedAtMs).toBe(1);
    await expect(registry.endRun({ ...end, status: 'FAILED' })).rejects.toMatchObject({ name: 'InvalidStateError' });
    const first = await registry.listRuns('runs', 1);
    const rest = await registry.listRuns('runs', 1, first.nextCursor);
    expect(first.items).toEqual([{ ...start('runs', 'new', 20), status: 'RUNNING' }]);
    expect(rest.items).toEqual([
      { ...start('runs', 'old', 1), status: 'FINISHED', outcome: 'done', endedAtMs: 5, version: 1 },
    ]);
  });

  it('lets one rollout of a model run at a time', async () => {
    const { registry } = open();
    await registry.registerVersion(registration('lease', 'run-1'), DEADLINE_MS);
    const first = await registry.startRollout(rollout('lease', 'first'));

    const results = await Promise.allSettled(
      ['second', 'third'].map((id) => registry.startRollout(rollout('lease', id))),
    );

    expect(results.map((result) => result.status === 'rejected' && result.reason.name)).toEqual([
      'ConflictError',
      'ConflictError',
    ]);
    expect(await registry.startRollout(rollout('lease', 'first', 77))).toEqual(first);
    expect(await registry.getRollout('lease', 'first')).toEqual(first);
    expect(await registry.getServingSnapshot('lease')).toEqual({ latestVersion: 1, runningRolloutId: 'first' });
    await registry.updateRollout('lease', 'first', { lambdaVersion: '7', weights: [0.1] });
    const by = { endedAtMs: 9, reason: 'worse', principal: 'workflow:canary-rollout' } as const;
    const end = { model: 'lease', rolloutId: 'first', status: 'ROLLED_BACK', ...by } as const;
    const ended = await registry.endRollout(end);
    expect(ended).toMatchObject({ status: 'ROLLED_BACK', lambdaVersion: '7', weights: [0.1], reason: 'worse' });
    expect(await registry.endRollout({ ...end, endedAtMs: 11 })).toEqual(ended);
    await expect(registry.endRollout({ ...end, status: 'FAILED' })).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
    await expect(registry.updateRollout('lease', 'first', { weights: [1] })).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
    expect(await registry.getServingSnapshot('lease')).toEqual({ latestVersion: 1 });
    await registry.startRollout(rollout('lease', 'second', 50));
    expect((await registry.listRollouts('lease', 10)).items.map(({ rolloutId }) => rolloutId)).toEqual([
      'second',
      'first',
    ]);
  });

  it('takes one word of a person on a running rollout, the first', async () => {
    const { registry } = open();
    await registry.registerVersion(registration('word', 'run-1'), DEADLINE_MS);
    await registry.startRollout(rollout('word', 'r-1'));
    const said = (action: 'promote' | 'roll back', decidedBy: string) =>
      registry.decideRollout({ model: 'word', rolloutId: 'r-1', action, reason: 'why', decidedBy, decidedAtMs: 5 });

    const results = await Promise.allSettled([said('promote', 'ann'), said('roll back', 'bob')]);
    const taken = (await registry.getRollout('word', 'r-1'))?.decision;

    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { name: 'InvalidStateError', message: expect.stringContaining(String(taken?.decidedBy)) },
    });
    // The same again, by whomever, and also of a rollout that is over: what stands.
    expect((await said(taken?.action ?? 'promote', 'cid')).decision).toEqual(taken);
    const end = { status: 'ROLLED_BACK', endedAtMs: 9, principal: 'w' } as const;
    await registry.endRollout({ model: 'word', rolloutId: 'r-1', ...end });
    expect((await said(taken?.action ?? 'promote', 'cid')).decision).toEqual(taken);
    await registry.startRollout(rollout('word', 'r-2', 20));
    const late = { model: 'word', rolloutId: 'r-2', action: 'promote', reason: 'why', decidedBy: 'ann' } as const;
    const decision = { action: 'roll back', reason: 'worse', decidedBy: 'bob', decidedAtMs: 21 } as const;
    const ended = await registry.endRollout({ model: 'word', rolloutId: 'r-2', ...end, decision });
    expect(ended.decision).toEqual(decision);
    await expect(registry.decideRollout({ ...late, decidedAtMs: 30 })).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
    await expect(registry.decideRollout({ ...late, rolloutId: 'r-3', decidedAtMs: 30 })).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });

  it('claims a request once and lets only what obeys it wait for the cool-down', async () => {
    const { ledger } = open();
    const claim = (requestKey: string, requestedAtMs: number, coolDownMs: number) =>
      ledger.claim({ model: 'claims', requestKey, requestedAtMs, coolDownMs });

    const first = { executionName: 'call-1', requestedAtMs: 1_000 };
    expect(await claim('call-1', 1_000, 0)).toEqual({ outcome: 'started', ...first });
    expect(await claim('call-1', 5_000, 0)).toEqual({ outcome: 'duplicate', ...first });
    expect(await claim('alarm-1', 1_500, 1_000)).toEqual({ outcome: 'cooling-down', coolDownEndsAtMs: 2_000 });
    expect(await claim('alarm-1', 2_000, 1_000)).toMatchObject({ outcome: 'started', executionName: 'alarm-1' });
    expect(await claim('call-2', 2_100, 0)).toMatchObject({ outcome: 'started', executionName: 'call-2' });
    expect(await claim('alarm-2', 3_000, 1_000)).toEqual({ outcome: 'cooling-down', coolDownEndsAtMs: 3_100 });
  });

  it('lets one of many alarms at once through a cool-down', async () => {
    const { ledger } = open();
    const keys = Array.from({ length: 10 }, (_, i) => `alarm-${i}`);

    const claims = await Promise.all(
      keys.map((requestKey) => ledger.claim({ model: 'burst', requestKey, requestedAtMs: 1_000, coolDownMs: 500 })),
    );

    expect(claims.filter(({ outcome }) => outcome === 'started')).toHaveLength(1);
  });
});
