import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMemoryArtifactStore } from '../../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryObjectRanges } from '../../../../../shared/adapters/memory/object-ranges.ts';
import { findFooter, layParquetPieces } from '../../../../../shared/adapters/s3/parquet-pieces.ts';

/** Magic, 20 bytes of rows, a footer of 6, its length, magic. */
const FILE = Buffer.concat([
  Buffer.from('PAR1'),
  Buffer.alloc(20, 'r'),
  Buffer.from('footer'),
  Buffer.from([6, 0, 0, 0]),
  Buffer.from('PAR1'),
]);

const open = async (bytes: Uint8Array) => {
  const store = createMemoryArtifactStore();
  const { etag } = await store.put('k', bytes);
  return { ranges: createMemoryObjectRanges(store), object: { key: 'k', etag, sizeBytes: bytes.byteLength } };
};

describe('pieces of a Parquet object', () => {
  it('are found by the length at its end and laid at their places, with holes between', async () => {
    const { ranges, object } = await open(FILE);
    const folder = await mkdtemp(join(tmpdir(), 'millrace-pieces-'));
    const path = join(folder, 'f');

    const footerFromByte = await findFooter(ranges, object);
    await layParquetPieces(ranges, path, { ...object, footerFromByte, fromByte: 10, toByte: 14 });

    const laid = await readFile(path);
    await rm(folder, { recursive: true });
    expect(footerFromByte).toBe(24);
    expect(laid.toString('latin1')).toBe(`PAR1${'\0'.repeat(6)}rrrr${'\0'.repeat(10)}footer\x06\0\0\0PAR1`);
  });

  it.each([
    ['other bytes', Buffer.alloc(100, 'x')],
    [
      'a footer that is longer than the file',
      Buffer.concat([FILE.subarray(0, 30), Buffer.from([99, 0, 0, 0]), Buffer.from('PAR1')]),
    ],
    ['an encrypted footer', Buffer.concat([FILE.subarray(0, 34), Buffer.from('PARE')])],
    ['nothing', Buffer.alloc(0)],
  ])('are refused of %s', async (_, bytes) => {
    const { ranges, object } = await open(bytes);

    await expect(findFooter(ranges, object)).rejects.toThrow('object k is not a Parquet file');
  });
});
