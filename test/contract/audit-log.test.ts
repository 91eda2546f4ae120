import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDbService } from '../../infra/local/dynamodb/service.ts';
import type { Item } from '../../shared/adapters/dynamodb/attribute-value.ts';
import { decodeHead, decodeRecord } from '../../shared/adapters/dynamodb/audit-items.ts';
import { auditActions, createAuditLog, readHead, sha256 } from '../../shared/adapters/dynamodb/audit-log.ts';
import { transact } from '../../shared/adapters/dynamodb/table.ts';
import { linkRecord, verifyChain } from '../../shared/core/audit/index.ts';
import type { AuditLog } from '../../shared/ports/audit-log.ts';
import { type StartedService, startLocalService } from '../helpers/local-service.ts';
import { fc } from '../helpers/properties.ts';

const audit = { table: 'audit', link: linkRecord };
const DEADLINE_MS = 30_000;
/** All lose to one: what they cost grows with the square. Say `CROWD=100` for more. */
const CROWD = Number(process.env.CROWD ?? 40);

let local: StartedService;
let client: DynamoDBClient;
let log: AuditLog;

beforeAll(async () => {
  local = await startLocalService(createDynamoDbService);
  client = new DynamoDBClient(local.clientConfig);
  const key = (AttributeName: string, KeyType: 'HASH' | 'RANGE') => ({ AttributeName, KeyType });
  await client.send(
    new CreateTableCommand({
      TableName: audit.table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
    }),
  );
  await local.clock.advanceBy(60_000); // a new table is CREATING for a moment
  local.clock.startWall();
  log = createAuditLog({ client, audit });
});

afterAll(async () => {
  client.destroy();
  await local.stop();
});

const entry = (model: string, number: number) => ({
  model,
  atMs: 1_000 + number,
  principal: 'arn:aws:iam::000000000000:user/ann',
  action: 'register version',
  before: { latestVersion: number - 1 },
  after: { version: number, metrics: { loss: 0.1 + number / 7, tiny: 1e-300 }, tags: { '': 'é' } },
  reason: 'because',
});

const append = async (model: string, count: number): Promise<void> => {
  for (let i = 1; i <= count; i += 1) await log.append(entry(model, i), DEADLINE_MS);
};

const itemsOf = async (pk: string): Promise<readonly Item[]> => {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: audit.table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
    }),
  );
  return Items;
};

const headItemOf = async (model: string): Promise<Item | undefined> =>
  (await itemsOf('chains')).find(({ sk }) => sk?.S === model);

/** What the verifier says of these items, which it reads by their keys. */
const judge = (model: string, items: readonly Item[], head: Item | undefined) => {
  const byKey = new Map(items.filter(({ pk }) => pk?.S === `chain#${model}`).map((item) => [item.sk?.S ?? '', item]));
  const records = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => decodeRecord(item));
  return verifyChain({ model, records, head: head && decodeHead(head).head, sealedHeads: [] }, sha256);
};

const verify = async (model: string) => judge(model, await itemsOf(`chain#${model}`), await headItemOf(model));

describe('a chain', () => {
  it('gives back what was appended, in order and by pages, and stands as it was written', async () => {
    await append('pages', 5);

    const first = await log.listRecords('pages', 3);
    const second = await log.listRecords('pages', 3, first.nextCursor);

    const records = [...first.items, ...second.items].map(({ record }) => record);
    expect(records.map((record) => record?.seq)).toEqual([1, 2, 3, 4, 5]);
    expect(records[4]).toMatchObject(entry('pages', 5));
    expect(second.nextCursor).toBeUndefined();
    expect(await log.getRecord('pages', 5)).toEqual({ position: 5, record: records[4] });
    expect(await log.getRecord('pages', 6)).toBeUndefined();
    expect(await verify('pages')).toEqual([]);
  });

  it(`takes ${CROWD} entries at once without a gap or a double`, async () => {
    const records = await Promise.all(
      Array.from({ length: CROWD }, (_, i) => log.append(entry('crowd', i + 1), DEADLINE_MS)),
    );

    const numbers = records.map(({ seq }) => seq).sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: CROWD }, (_, i) => i + 1));
    expect(await itemsOf('chain#crowd')).toHaveLength(CROWD);
    expect(await verify('crowd')).toEqual([]);
  }, 60_000);

  it('is listed with its head', async () => {
    await append('listed', 2);

    const { items } = await log.listHeads(100);

    expect(items.find(({ model }) => model === 'listed')).toEqual({
      model: 'listed',
      head: { model: 'listed', seq: 2, hash: (await log.getRecord('listed', 2))?.record?.hash },
    });
  });

  it('writes a record only together with what it records, and once', async () => {
    await append('together', 1);
    const head = await readHead(client, audit, 'together');
    const { actions } = auditActions(audit, head, entry('together', 2));
    const thing = { TableName: audit.table, Item: { pk: { S: 'thing' }, sk: { S: 'thing' } } };
    const isNew = { ...thing, ConditionExpression: 'attribute_not_exists(pk)' };

    expect(await transact(client, [{ Put: isNew }, ...actions])).toMatchObject({ outcome: 'written' });
    // Delivered again with the same head, and again by a caller who read the new head: the change itself refuses.
    expect(await transact(client, [{ Put: isNew }, ...actions])).toMatchObject({
      refusals: [{ refused: true }, { refused: true }, { refused: true }],
    });
    const next = auditActions(audit, await readHead(client, audit, 'together'), entry('together', 2));
    expect(await transact(client, [{ Put: isNew }, ...next.actions])).toMatchObject({
      refusals: [{ refused: true }, { refused: false }, { refused: false }],
    });

    expect(await itemsOf('chain#together')).toHaveLength(2);
    expect(await verify('together')).toEqual([]);
  });

  it('refuses to go on from a head that was tampered with', async () => {
    await append('forged', 1);
    const head = await headItemOf('forged');
    await client.send(new PutItemCommand({ TableName: audit.table, Item: { ...head, note: { S: 'x' } } }));

    await expect(log.append(entry('forged', 2), DEADLINE_MS)).rejects.toMatchObject({ name: 'InvalidStateError' });
    expect(await verify('forged')).toMatchObject([{ problem: 'changed' }]);
  });

  it('names the record that was deleted behind its back', async () => {
    await append('deleted', 3);
    const [, second] = await itemsOf('chain#deleted');
    const { pk, sk } = second as { pk: AttributeValue; sk: AttributeValue };
    await client.send(new DeleteItemCommand({ TableName: audit.table, Key: { pk, sk } }));

    expect(await verify('deleted')).toMatchObject([{ problem: 'removed', seq: 2, message: 'record 2 is missing' }]);
  });
});

describe('any one character changed', () => {
  /** The same text with one character replaced, removed or doubled. */
  const altered = (text: string, at: number, how: 'replaced' | 'removed' | 'doubled'): string => {
    const index = at % Math.max(text.length, 1);
    const character = text[index] ?? '';
    const other = /[0-9]/.test(character) ? String((Number(character) + 1) % 10) : character === 'x' ? 'y' : 'x';
    const middle = { replaced: other, removed: '', doubled: character + character }[how];
    return text.slice(0, index) + middle + text.slice(index + 1);
  };
  interface Alteration {
    readonly item: number;
    readonly attribute: number;
    readonly at: number;
    readonly how: 'replaced' | 'removed' | 'doubled';
  }
  const alteration: fc.Arbitrary<Alteration> = fc.record({
    item: fc.nat(),
    attribute: fc.nat(),
    at: fc.nat(),
    how: fc.constantFrom('replaced' as const, 'removed' as const, 'doubled' as const),
  });

  const change = (items: readonly Item[], { item, attribute, at, how }: Alteration) => {
    const index = item % items.length;
    const target = items[index] as Item;
    const names = Object.keys(target);
    const name = names[attribute % names.length] as string;
    const [[type, text] = ['S', '']] = Object.entries(target[name] ?? {}) as [string, string][];
    const value = altered(text, at, how);
    return {
      index,
      name,
      same: value === text,
      changed: { ...target, [name]: { [type]: value } as never as AttributeValue },
    };
  };

  it('in any attribute of any record or head is found, and the record is named', async () => {
    await append('bytes', 4);
    const [records, head] = [await itemsOf('chain#bytes'), await headItemOf('bytes')];
    expect(judge('bytes', records, head)).toEqual([]);

    fc.assert(
      fc.property(alteration, (where) => {
        const { index, same, changed } = change(records, where);
        if (same) return;
        const findings = judge('bytes', records.with(index, changed), head);
        // A sort key that is another number leaves a gap where the record was.
        const named = findings.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
        expect(named).toContain(index + 1);
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(alteration, (where) => {
        const { same, changed, name } = change([head as Item], where);
        if (same || name === 'pk' || name === 'sk') return;
        expect(judge('bytes', records, changed)).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });
});
