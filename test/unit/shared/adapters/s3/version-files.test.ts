import { hash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createMemoryArtifactStore } from '../../../../../shared/adapters/memory/artifact-store.ts';
import { createVersionFiles } from '../../../../../shared/adapters/s3/version-files.ts';
import { MANIFEST_FILE } from '../../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../../shared/contracts/json-file.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

const place = async () => {
  const store = createMemoryArtifactStore();
  const files = Object.fromEntries(
    ['a.bin', 'b.bin'].map((name) => [name, { sha256: hash('sha256', bytes(name)), sizeBytes: 5 }]),
  );
  const manifest = toJsonFile({ schemaVersion: 1, model: 'toy', runId: 'r', modelDigest: '0'.repeat(64), files });
  for (const name of Object.keys(files)) await store.put(`p/${name}`, bytes(name));
  await store.put(`p/${MANIFEST_FILE}`, manifest);
  const asked: string[] = [];
  const get: typeof store.get = async (key) => {
    asked.push(key);
    return store.get(key);
  };
  return { store, asked, get, version: { artifactPrefix: 'p/', manifestDigest: hash('sha256', manifest) } };
};

it('reads the manifest of a version once, however many of its files are asked for', async () => {
  const { get, asked, version } = await place();
  const files = createVersionFiles({ get });

  const read = await Promise.all(['a.bin', 'b.bin', 'c.bin'].map((file) => files.read(version, file)));

  expect(read).toEqual([bytes('a.bin'), bytes('b.bin'), undefined]);
  expect(asked.toSorted()).toEqual(['p/a.bin', 'p/b.bin', `p/${MANIFEST_FILE}`]);
});

it('asks again for a manifest that could not be read', async () => {
  const { get, version } = await place();
  let failures = 1;
  const files = createVersionFiles({
    get: (key) => {
      failures -= 1;
      return failures === 0 ? Promise.reject(new Error('slow down')) : get(key);
    },
  });

  await expect(files.read(version, 'a.bin')).rejects.toThrow('slow down');
  expect(await files.read(version, 'a.bin')).toEqual(bytes('a.bin'));
});

it('refuses files and manifests of other bytes, however often they are asked for', async () => {
  const { get, store, version } = await place();
  await store.put('p/a.bin', bytes('other'));
  const files = createVersionFiles({ get });
  const other = { ...version, manifestDigest: 'f'.repeat(64) };

  for (let time = 0; time < 2; time += 1) {
    await expect(files.read(version, 'a.bin')).rejects.toMatchObject({ name: 'InvalidStateError' });
    await expect(files.read(other, 'b.bin')).rejects.toMatchObject({ name: 'InvalidStateError' });
  }
  expect(await files.read(version, 'b.bin')).toEqual(bytes('b.bin'));
});
