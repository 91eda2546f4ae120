import { expect, it } from 'vitest';
import { decodeEntity, encodeEntity, upgradeFields } from '../../../../../shared/adapters/dynamodb/entity.ts';

const keys = { pk: 'model#toy', sk: 'version#0000000001' };

it('gives back what was encoded, without what only the table needs', () => {
  const item = encodeEntity('ModelVersion', { ...keys, gsi1pk: 'x', gsi1sk: 'y' }, { model: 'toy', version: 1 });

  expect(item).toMatchObject({ entityType: { S: 'ModelVersion' }, schemaVersion: { N: '1' } });
  expect(decodeEntity('ModelVersion', item)).toEqual({ model: 'toy', version: 1 });
});

it('brings an older layout step by step to the newest one', () => {
  const upgrades = [
    (fields: object) => ({ ...fields, owner: 'nobody' }),
    ({ owner, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, owners: [owner] }),
  ];

  expect(upgradeFields({ a: 1 }, 1, upgrades, 'item')).toEqual({ a: 1, owners: ['nobody'] });
  expect(upgradeFields({ a: 1, owner: 'ann' }, 2, upgrades, 'item')).toEqual({ a: 1, owners: ['ann'] });
  expect(upgradeFields({ a: 1, owners: [] }, 3, upgrades, 'item')).toEqual({ a: 1, owners: [] });
});

it('refuses an item of a newer release, of another entity and without a layout, by its key', () => {
  const item = encodeEntity('ModelVersion', keys, {});

  expect(() => decodeEntity('ModelVersion', { ...item, schemaVersion: { N: '2' } })).toThrow(
    'item model#toy version#0000000001 was written by a newer release: it has layout 2, this release reads up to 1',
  );
  expect(() => decodeEntity('Rollout', item)).toThrow(
    'item model#toy version#0000000001 is ModelVersion, expected Rollout',
  );
  const { schemaVersion: _, ...bare } = item;
  expect(() => decodeEntity('ModelVersion', bare)).toThrow('has no layout');
});
