import { Buffer } from 'node:buffer';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BlobStore, openBlobFiles, openBlobMemory } from '../../../../../infra/local/s3/blob-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-blobs-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const keep = (store: BlobStore, blob: string, ...chunks: string[]): void => {
  const incoming = store.receive();
  for (const chunk of chunks) incoming.append(Buffer.from(chunk));
  incoming.keepAs(blob);
};
const streamed = async (store: BlobStore, pieces: Parameters<BlobStore['read']>[0]): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of store.read(pieces)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

describe.each([
  ['files', () => openBlobFiles(folder)],
  ['memory', () => openBlobMemory()],
] as const)('blobs in %s', (_kind, open) => {
  it('give back pieces, streamed and whole', async () => {
    const store = open();
    keep(store, 'aa1', '0123', '456789');
    keep(store, 'bb2', 'abcdef');
    const pieces = [
      { blob: 'aa1', start: 2, end: 7 },
      { blob: 'bb2', start: 0, end: -1 },
      { blob: 'bb2', start: 1, end: 1 },
    ];

    expect(await streamed(store, pieces)).toBe('234567b');
    expect(store.readWhole(pieces).toString()).toBe('234567b');
    expect(store.readWhole([]).toString()).toBe('');
  });

  it('are read to the end although they are removed meanwhile', async () => {
    const store = open();
    keep(store, 'aa1', 'x'.repeat(600_000));
    const stream = store.read([{ blob: 'aa1', start: 0, end: 599_999 }]);

    store.remove('aa1');
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);

    expect(Buffer.concat(chunks)).toHaveLength(600_000);
  });

  it('are not there when their bytes were discarded, and once when they came twice', async () => {
    const store = open();
    const discarded = store.receive();
    discarded.append(Buffer.from('lost'));
    discarded.discard();
    keep(store, 'aa1', 'same');
    keep(store, 'aa1', 'same');

    expect(store.readWhole([{ blob: 'aa1', start: 0, end: 3 }]).toString()).toBe('same');
  });
});

it('what arrived when the process died is gone at the next start', () => {
  const store = openBlobFiles(folder);
  store.receive().append(Buffer.from('half'));

  openBlobFiles(folder);

  expect(readdirSync(join(folder, 'incoming'))).toEqual([]);
});
