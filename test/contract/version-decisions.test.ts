import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditReader } from '../../shared/adapters/dynamodb/audit-log.ts';
import { createModelRegistry } from '../../shared/adapters/dynamodb/model-registry.ts';
import { itemReader } from '../../shared/adapters/dynamodb/table.ts';
import { readVersionEvidence } from '../../shared/adapters/dynamodb/version-evidence.ts';
import { createMemoryRegistry } from '../../shared/adapters/memory/model-registry.ts';
import { versionFault } from '../../shared/core/audit/index.ts';
import { approvalPolicyOf, judgeApproval, moveLifecycle } from '../../shared/core/governance/index.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

const subjects: Readonly<Record<string, () => ModelRegistry>> = {
  memory: () => createMemoryRegistry().registry,
  'the embedded DynamoDB': () => createModelRegistry(tables),
};

const register = (registry: ModelRegistry, model: string) =>
  registry.registerVersion(
    {
      model,
      runId: 'run-1',
      owner: 'owner',
      principal: 'workflow:train',
      modelDigest: 'a'.repeat(64),
      artifactPrefix: `models/${model}/${'a'.repeat(64)}/`,
      manifestDigest: 'b'.repeat(64),
      metrics: { holdoutLoss: 0.5 },
      trainedThroughMs: 1,
      datasetSnapshot: 'snapshot',
      registeredAtMs: 2,
      submittedBy: 'ann',
    },
    60_000,
  );

const approve = (registry: ModelRegistry, model: string, principal: string, minApprovals: number) => {
  const policy = { ...approvalPolicyOf('manual'), minApprovals };
  const approval = { principal, atMs: 5 };
  return registry.approveVersion({ model, version: 1, approval }, (standing) =>
    judgeApproval(standing, approval, policy, { submitter: standing.submittedBy ?? '' }),
  );
};

describe.each(Object.entries(subjects))('approvals on %s', (_where, open) => {
  it('come from as many as the policy wants, whoever is told of it again', async () => {
    const registry = open();
    await register(registry, 'two');

    const first = await approve(registry, 'two', 'bob', 2);
    const again = await approve(registry, 'two', 'bob', 2);
    const second = await approve(registry, 'two', 'cyd', 2);
    const late = await approve(registry, 'two', 'dan', 2);

    expect(first).toMatchObject({ status: 'PENDING_APPROVAL', approvals: [{ principal: 'bob' }] });
    expect(again).toEqual(first);
    expect(second).toMatchObject({ status: 'APPROVED', decidedBy: 'cyd', approvals: [{}, { principal: 'cyd' }] });
    expect(late).toEqual(second);
    expect(await registry.getVersion('two', 1)).toEqual(second);
  });

  it('of several at once are all counted', async () => {
    const registry = open();
    await register(registry, 'crowd');

    const principals = ['bob', 'cyd', 'dan', 'eve', 'fay'];
    await Promise.all(principals.map((principal) => approve(registry, 'crowd', principal, 5)));

    const { status, approvals = [] } = await registry.getVersion('crowd', 1);
    expect(status).toBe('APPROVED');
    expect(approvals.map(({ principal }) => principal).toSorted()).toEqual(principals);
  });

  it('are refused to the submitter, and then nothing is written', async () => {
    const registry = open();
    const before = await register(registry, 'own');

    await expect(approve(registry, 'own', 'ann', 1)).rejects.toThrow('distinctFromSubmitter');

    expect(await registry.getVersion('own', 1)).toEqual(before);
  });

  it('are refused of a rejected version', async () => {
    const registry = open();
    await register(registry, 'no');
    await registry.decideVersion({ model: 'no', version: 1, status: 'REJECTED', decidedBy: 'bob', decidedAtMs: 3 });

    await expect(approve(registry, 'no', 'cyd', 1)).rejects.toThrow(/REJECTED.*cannot become APPROVED/);
  });
});

const retire = (registry: ModelRegistry, model: string, move: 'retire' | 'archive' | 'reinstate' = 'retire') =>
  registry.moveVersion({ model, version: 1, move, reason: 'old', principal: 'bob', atMs: 9 }, (standing) =>
    moveLifecycle(standing, move),
  );
const rollout = (model: string) => ({
  model,
  rolloutId: 'rollout-1',
  kind: 'model' as const,
  version: 1,
  startedAtMs: 10,
  previousLambdaVersion: '1',
});

describe.each(Object.entries(subjects))('taking versions out of use on %s', (_where, open) => {
  it('keeps who and why, and gives them up on the way back', async () => {
    const registry = open();
    const before = await register(registry, 'old');

    const retired = await retire(registry, 'old');
    const back = await retire(registry, 'old', 'reinstate');

    expect(retired).toEqual({
      ...before,
      lifecycle: 'RETIRED',
      lifecycleAtMs: 9,
      lifecycleBy: 'bob',
      lifecycleReason: 'old',
      updatedAtMs: 9,
    });
    expect(back).toEqual({ ...before, updatedAtMs: 9 });
    expect(await registry.getVersion('old', 1)).toEqual(back);
  });

  it('waits for the end of a rollout, and is refused to what serves', async () => {
    const registry = open();
    await register(registry, 'serving');
    await approve(registry, 'serving', 'bob', 1);
    await registry.startRollout(rollout('serving'));

    await expect(retire(registry, 'serving')).rejects.toMatchObject({ name: 'ConflictError' });
    const deployment = {
      model: 'serving',
      version: 1,
      lambdaVersion: '2',
      codeSha256: 'c',
      rolloutId: 'rollout-1',
      promotedAtMs: 20,
    };
    const end = { model: 'serving', rolloutId: 'rollout-1', status: 'PROMOTED' as const, endedAtMs: 20 };
    await registry.endRollout({ ...end, deployment, principal: 'workflow:canary-rollout' });

    await expect(retire(registry, 'serving')).rejects.toThrow('serving@1 serves');
    expect((await registry.getVersion('serving', 1)).lifecycle).toBeUndefined();
  });

  it('keeps a rollout from starting', async () => {
    const registry = open();
    await register(registry, 'gone');
    await approve(registry, 'gone', 'bob', 1);
    await retire(registry, 'gone');

    await expect(registry.startRollout(rollout('gone'))).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(await registry.getRollout('gone', 'rollout-1')).toBeUndefined();
  });

  it('notes the collection of what is archived, and of nothing else', async () => {
    const registry = open();
    await register(registry, 'collected');
    const collect = (atMs: number) => registry.collectVersion({ model: 'collected', version: 1, principal: 'p', atMs });

    await expect(collect(5)).rejects.toMatchObject({ name: 'InvalidStateError' });
    await retire(registry, 'collected');
    await expect(collect(6)).rejects.toMatchObject({ name: 'InvalidStateError' });
    await retire(registry, 'collected', 'archive');

    expect((await collect(7)).collectedAtMs).toBe(7);
    expect((await collect(8)).collectedAtMs).toBe(7);
  });
});

it('starts a rollout or retires its version, never both, however they meet', async () => {
  const registry = createModelRegistry(tables);
  for (let round = 0; round < 10; round += 1) {
    const model = `race-${round}`;
    await register(registry, model);
    await approve(registry, model, 'bob', 1);

    const [retired, started] = await Promise.allSettled([
      retire(registry, model),
      registry.startRollout(rollout(model)),
    ]);

    expect([retired.status, started.status].toSorted()).toEqual(['fulfilled', 'rejected']);
  }
});

it('puts each approval on record, with the rules, and the record answers for the item', async () => {
  const registry = createModelRegistry(tables);
  await register(registry, 'record');
  await approve(registry, 'record', 'bob', 2);
  await approve(registry, 'record', 'cyd', 2);

  const { items } = await createAuditReader(tables.client, tables.audit.table).listRecords('record', 10);
  const evidence = await readVersionEvidence(
    { ...tables, readItem: itemReader(tables.client), auditTable: tables.audit.table },
    'record',
    1,
  );

  const records = items.flatMap(({ record }) => (record === undefined ? [] : [record]));
  expect(records.map(({ action, principal }) => [action, principal])).toEqual([
    ['register version', 'workflow:train'],
    ['approve version', 'bob'],
    ['decide version', 'cyd'],
  ]);
  expect(records.at(-1)?.after).toMatchObject({
    status: 'APPROVED',
    evidence: [{ rule: 'distinctFromSubmitter' }, { rule: 'minApprovals', detail: '2 of 2 approvals: bob, cyd' }],
  });
  const pinned = {
    version: 1,
    modelDigest: 'a'.repeat(64),
    manifestDigest: 'b'.repeat(64),
    artifactPrefix: `models/record/${'a'.repeat(64)}/`,
  };
  expect(versionFault('record', pinned, evidence, (text) => hash('sha256', text))).toBeUndefined();
});
