import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { downloadDataset } from '../../../../../shared/adapters/s3/download-dataset.ts';
import { ConflictError } from '../../../../../shared/kernel/errors.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-download-'));
});
afterEach(() => rm(folder, { recursive: true }));

const snapshot = (...keys: readonly string[]) => keys.map((key) => ({ key, etag: `etag of ${key}` }));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

it('writes the objects in the order of the snapshot, each as it was written down', async () => {
  const keys = Array.from({ length: 20 }, (_, i) => `part-${i}`);

  const files = await downloadDataset(
    { get: async (key, etag) => bytesOf(`${key}, ${etag}`) },
    snapshot(...keys),
    folder,
  );

  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  expect(texts).toEqual(keys.map((key) => `${key}, etag of ${key}`));
});

it('fails when nothing is written any more, and begins nothing after an object that changed', async () => {
  const slow = Promise.withResolvers<Uint8Array>();
  const asked: string[] = [];
  const get = async (key: string): Promise<Uint8Array> => {
    asked.push(key);
    if (key === 'changed') throw new ConflictError('changed is another object now');
    return slow.promise;
  };
  const objects = snapshot('changed', ...Array.from({ length: 20 }, (_, i) => `slow-${i}`));
  let hasEnded = false;

  const ended = downloadDataset({ get }, objects, folder).finally(() => {
    hasEnded = true;
  });
  const failure = expect(ended).rejects.toThrow(new ConflictError('changed is another object now'));
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  const endedEarly = hasEnded;
  slow.resolve(bytesOf('late'));
  await failure;

  expect(endedEarly).toBe(false);
  expect(asked).toHaveLength(8);
  expect(await readdir(folder)).toHaveLength(7);
});
