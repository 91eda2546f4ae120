import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createFolderSource } from '../../../../../functions/infer/server/folder-source.ts';

const place = (root: string, path: string, byte: number): void => {
  mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, path, 'model.onnx'), Uint8Array.from([byte]));
};

const bench = () => {
  const root = mkdtempSync(join(tmpdir(), 'folder-source-'));
  place(root, '.', 1);
  place(root, 'plain', 2);
  place(root, 'numbered/9', 3);
  place(root, 'numbered/10', 4);
  place(root, '../outside', 5);
  const source = createFolderSource(root, 'model');
  const byteOf = async (model: string, version?: string) => {
    const described = await source.describe(model, version);
    return [described.version, ...(await source.fetch(described)).bytes];
  };
  return { source, byteOf };
};

test('the model in the folder itself, one in a folder of its name, and the newest of several versions', async () => {
  const { byteOf } = bench();

  expect(await byteOf('model')).toEqual(['1', 1]);
  expect(await byteOf('plain')).toEqual(['1', 2]);
  expect(await byteOf('numbered')).toEqual(['10', 4]);
  expect(await byteOf('numbered', '9')).toEqual(['9', 3]);
});

test.each([['../outside'], ['..'], ['absent'], ['numbered/9'], ['/etc'], ['.'], ['']])(
  'nothing is served at %j',
  async (model) => {
    await expect(bench().source.describe(model)).rejects.toThrow('is not served here');
  },
);

test('a version that is not there is not found', async () => {
  await expect(bench().source.describe('plain', '2')).rejects.toThrow('version 2 of model plain is not served here');
  await expect(bench().source.describe('numbered', '../9')).rejects.toThrow('is not served here');
});
