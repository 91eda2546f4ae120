import { describe, expect, it } from 'vitest';
import { trackingKeys } from '../../../../../../shared/adapters/dynamodb/tracking/keys.ts';
import { packItem, unpackItem } from '../../../../../../shared/adapters/dynamodb/tracking/packed-document.ts';
import { createMemoryArtifactStore } from '../../../../../../shared/adapters/memory/artifact-store.ts';
import { ConflictError } from '../../../../../../shared/kernel/errors.ts';

const values = createMemoryArtifactStore();
const context = { values, keys: trackingKeys('w') };
const key = { pk: 'p', sk: 's', rev: 3 };
let seed = 7;
/** Text that hardly compresses. */
const noise = (length: number): string => {
  let text = '';
  while (text.length < length) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += seed.toString(36);
  }
  return text.slice(0, length);
};

describe('packed documents', () => {
  it.each([
    ['text', { a: 'x' }],
    ['gzip', { a: 'x'.repeat(10_000) }],
    ['spill', { a: noise(700_000) }],
  ] as const)('are %s by their size, and come back', async (form, document) => {
    const { item } = await packItem(context, 'Run', key, document);

    expect(Object.keys(item).toSorted()).toEqual(['entityType', form, 'pk', 'rev', 'schemaVersion', 'sk'].toSorted());
    expect(await unpackItem(context, 'Run', item)).toEqual(document);
  });

  it('are refused as another entity and from a newer release', async () => {
    const { item } = await packItem(context, 'Run', key, { a: 1 });

    await expect(unpackItem(context, 'Experiment', item)).rejects.toThrow('item p s is Run, expected Experiment');
    const newer = { ...item, schemaVersion: { N: '2' } };
    await expect(unpackItem(context, 'Run', newer)).rejects.toThrow(/written by a newer release/);
  });

  it('wait for another that spills the same', async () => {
    let attempts = 0;
    const busy = {
      get: values.get,
      putIfAbsent: async () => {
        attempts += 1;
        if (attempts < 3) throw new ConflictError('being written');
        return false;
      },
    };

    await packItem({ ...context, values: busy }, 'Run', key, { a: noise(700_000) });

    expect(attempts).toBe(3);
    attempts = -10;
    const again = packItem({ ...context, values: busy }, 'Run', key, { a: noise(700_000) });
    await expect(again).rejects.toThrow('being written');
  });
});
