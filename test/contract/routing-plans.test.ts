import { hash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAuditReader } from '../../shared/adapters/dynamodb/audit-log.ts';
import { createRoutingItems } from '../../shared/adapters/dynamodb/routing-items.ts';
import { createRoutingPlans } from '../../shared/adapters/dynamodb/routing-plans.ts';
import { itemReader } from '../../shared/adapters/dynamodb/table.ts';
import { verifyChain } from '../../shared/core/audit/index.ts';
import {
  canaryPlan,
  PLAN_RECORDS,
  planFault,
  type RoutingPlan,
  rosterDigest,
  settledPlan,
} from '../../shared/core/routing/index.ts';
import { ConflictError } from '../../shared/kernel/errors.ts';
import { type RegistryTables, startRegistryTables } from '../helpers/registry-tables.ts';

const sha256 = (text: string): string => hash('sha256', text);

let tables: RegistryTables;
beforeAll(async () => {
  tables = await startRegistryTables();
});
afterAll(() => tables.stop());

const open = () => createRoutingPlans({ ...tables, routing: PLAN_RECORDS });
const by = (model: string, atMs = 5) => ({ model, principal: 'ann', atMs, reason: 'a test' });
const settle = (model: string, version: number) => (standing: RoutingPlan | undefined) =>
  settledPlan(standing, { model, version, atMs: 5 });
const when = { header: 'x-team', in: ['ours'] };
const canary = (model: string) => (standing: RoutingPlan | undefined) =>
  canaryPlan(standing, {
    model,
    rolloutId: 'r-1',
    version: 2,
    champion: 1,
    weight: 0.25,
    settings: { unit: { header: 'x-user' }, cohorts: [{ name: 'testers', when, to: 'canary' }] },
    atMs: 6,
  });

it('a plan is read as it was written, each change one revision and one record', async () => {
  const plans = open();

  expect(await plans.get('toy')).toBeUndefined();
  const first = await plans.change(by('toy'), settle('toy', 1));
  const second = await plans.change(by('toy', 6), canary('toy'));
  const same = await plans.change(by('toy', 7), () => undefined);

  expect(first).toMatchObject({ revision: 1, champion: 1 });
  expect(second).toMatchObject({ revision: 2, arms: [{ version: 2, share: 2_500 }, { version: 1 }] });
  expect(same).toEqual(second);
  expect(await plans.get('toy')).toEqual(second);
  const reader = createAuditReader(tables.client, tables.audit.table);
  const { items } = await reader.listRecords('toy', 10);
  expect(items.map(({ record }) => record)).toMatchObject([
    { principal: 'ann', reason: 'a test', action: 'set routing plan', after: { revision: 1, shares: { 1: 10_000 } } },
    { before: { revision: 1 }, after: { revision: 2, shares: { 1: 7_500, 2: 2_500 }, salt: 'r-1' } },
  ]);
  const head = await reader.getHead('toy');
  expect(verifyChain({ model: 'toy', records: items, head, sealedHeads: [] }, sha256)).toEqual([]);
});

it('what serves reads the plan with its record, and finds nothing wrong', async () => {
  await open().change(by('read'), canary('read'));
  const read = createRoutingItems({
    readItem: itemReader(tables.client),
    registryTable: tables.registryTable,
    auditTable: tables.audit.table,
  });

  const stored = await read.plan('read');

  expect(stored?.plan).toEqual(await open().get('read'));
  const record = await read.record('read', stored?.auditSeq ?? 0);
  expect(stored && planFault('read', stored, record, sha256)).toBeUndefined();
  expect(await read.plan('other')).toBeUndefined();
});

it('of writers at once each decides on what the one before has written', async () => {
  const plans = open();
  await plans.change(by('busy'), settle('busy', 1));
  const seen: (number | undefined)[] = [];

  await Promise.all(
    [1, 2, 3, 4].map((version) =>
      plans.change(by('busy'), (standing) => {
        seen.push(standing?.revision);
        return settle('busy', version)(standing);
      }),
    ),
  );

  expect((await plans.get('busy'))?.revision).toBe(5);
  expect(new Set(seen)).toEqual(new Set([1, 2, 3, 4]));
});

it('a decision that throws writes nothing', async () => {
  const plans = open();
  const refuse = () => {
    throw new ConflictError('not now');
  };

  await expect(plans.change(by('refused'), refuse)).rejects.toThrow('not now');

  expect(await plans.get('refused')).toBeUndefined();
});

it('a roster is kept under its digest, once', async () => {
  const plans = open();
  const member = { version: 1, modelDigest: 'a'.repeat(64), manifestDigest: 'b'.repeat(64), artifactPrefix: 'models/' };
  const roster = { model: 'toy', members: [member] };

  const digest = await plans.keepRoster(roster);

  expect(await plans.keepRoster(roster)).toBe(digest);
  expect(digest).toBe(rosterDigest(roster, sha256));
  expect(await plans.getRoster('toy', digest)).toEqual(roster);
  await expect(plans.getRoster('toy', '0'.repeat(64))).rejects.toThrow(
    `roster ${'0'.repeat(64)} of toy does not exist`,
  );
});
