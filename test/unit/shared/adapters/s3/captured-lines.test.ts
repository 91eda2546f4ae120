import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { createMemoryArtifactStore } from '../../../../../shared/adapters/memory/artifact-store.ts';
import { capturedKeysOfDays, capturedRecords } from '../../../../../shared/adapters/s3/captured-lines.ts';

const label = (predictionId: string) => ({
  kind: 'label' as const,
  predictionId,
  model: 'toy',
  label: 1,
  knownAtMs: 1,
  receivedAtMs: 2,
});

const packed = (ids: readonly string[]): Buffer =>
  gzipSync(ids.map((id) => `${JSON.stringify(label(id))}\n`).join(''), { level: 1 });

const idsIn = async (body: Uint8Array): Promise<readonly string[]> => {
  const ids: string[] = [];
  for await (const { predictionId } of capturedRecords(body)) ids.push(predictionId);
  return ids;
};

it('gives every record of an object, of a small one and of one that is streamed', async () => {
  const small = ['a', 'b'];
  // Too random to be packed well: above what is unpacked at once.
  const large = Array.from({ length: 90 }, (_, i) => `${i}-${randomBytes(60_000).toString('hex')}`);
  const body = packed(large);

  expect(body.length).toBeGreaterThan(4 * 2 ** 20);
  expect(await idsIn(packed(small))).toEqual(small);
  expect(await idsIn(body)).toEqual(large);
});

it('refuses a line of another form', async () => {
  await expect(idsIn(gzipSync('{"kind":"label"}\n'))).rejects.toThrow(/captured line/);
});

it('finds the objects of some days by two listings, of a compacted day the one file', async () => {
  const store = createMemoryArtifactStore();
  const keys = [
    'capture/toy/2001/02/09/23/too-early',
    'capture/toy/2001/02/10/05/compacted',
    'capture/toy/2001/02/11/05/one',
    'capture/toy/2001/02/11/06/two',
    'capture/toy/2001/02/12/00/last',
    'capture/toy/2001/02/13/00/too-late',
    'compacted/toy/2001-02-09.jsonl.gz',
    'compacted/toy/2001-02-10.jsonl.gz',
    'compacted/toy/2001-02-13.jsonl.gz',
  ];
  for (const key of keys) await store.put(key, new Uint8Array(1));
  const listed: string[] = [];
  const list: typeof store.list = (prefix, ...rest) => {
    listed.push(prefix);
    return store.list(prefix, ...rest);
  };

  expect(await capturedKeysOfDays({ list }, { model: 'toy', fromDay: '2001-02-10', toDay: '2001-02-12' })).toEqual([
    'compacted/toy/2001-02-10.jsonl.gz',
    'capture/toy/2001/02/11/05/one',
    'capture/toy/2001/02/11/06/two',
    'capture/toy/2001/02/12/00/last',
  ]);
  expect(listed.toSorted()).toEqual(['capture/toy/', 'compacted/toy/']);
});
