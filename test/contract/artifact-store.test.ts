import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Service } from '../../infra/local/s3/service.ts';
import { createMemoryArtifactStore } from '../../shared/adapters/memory/artifact-store.ts';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { type StartedService, startLocalService } from '../helpers/local-service.ts';

let local: StartedService;
let client: S3Client;
beforeAll(async () => {
  local = await startLocalService(createS3Service);
  client = new S3Client(local.clientConfig);
  await client.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
});
afterAll(async () => {
  client.destroy();
  await local.stop();
});

const subjects: Readonly<Record<string, () => ArtifactStore>> = {
  memory: createMemoryArtifactStore,
  'the embedded S3': () => createArtifactStore({ client, bucket: 'artifacts' }),
};
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: Uint8Array) => new TextDecoder().decode(body);

describe.each(Object.entries(subjects))('the artifact store on %s', (_where, open) => {
  it('gives back what was put, byte for byte', async () => {
    const store = open();
    const body = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);

    await store.put('whole/a b+ü.bin', body);

    expect(await store.get('whole/a b+ü.bin')).toEqual(body);
  });

  it('names what is not there', async () => {
    const store = open();

    await expect(store.get('missing/x')).rejects.toMatchObject({ name: 'NotFoundError' });
    expect(await store.exists('missing/x')).toBe(false);
  });

  it('gives an object only while it is the one that was meant', async () => {
    const store = open();
    const { etag } = await store.put('match/x', bytes('one'));

    expect(text(await store.get('match/x', etag))).toBe('one');
    await store.put('match/x', bytes('two'));

    await expect(store.get('match/x', etag)).rejects.toMatchObject({ name: 'ConflictError' });
  });

  it('copies an object only while it is the one that was meant', async () => {
    const store = open();
    const { etag } = await store.put('copy/from ü', bytes('one'));

    await store.copy({ key: 'copy/from ü', etag }, 'copy/to');
    expect(text(await store.get('copy/to'))).toBe('one');

    await store.put('copy/from ü', bytes('two'));
    await expect(store.copy({ key: 'copy/from ü', etag }, 'copy/to')).rejects.toMatchObject({ name: 'ConflictError' });
    await expect(store.copy({ key: 'copy/none', etag }, 'copy/to')).rejects.toMatchObject({ name: 'NotFoundError' });
    expect(text(await store.get('copy/to'))).toBe('one');
  });

  it('lets one of many writers be the first', async () => {
    const store = open();

    const writes = Array.from({ length: 8 }, (_, i) => store.putIfAbsent('race/x', bytes(`writer ${i}`)));
    const results = await Promise.allSettled(writes);

    const wrote = results.map((result, i) => (result.status === 'fulfilled' && result.value ? `writer ${i}` : ''));
    expect(wrote.filter(Boolean)).toEqual([text(await store.get('race/x'))]);
    expect(await store.putIfAbsent('race/x', bytes('late'))).toBe(false);
  });

  it('lists what comes after a key, whether or not it is there', async () => {
    const store = open();
    for (const key of ['after/2001-01-31/x', 'after/2001-02-01/x', 'after/2001-02-02/x'])
      await store.put(key, bytes(key));
    const keysAfter = async (after: string) => (await store.list('after/', 10, after)).map(({ key }) => key);

    expect(await keysAfter('after/2001-02-01/')).toEqual(['after/2001-02-01/x', 'after/2001-02-02/x']);
    expect(await keysAfter('after/2001-02-01/x')).toEqual(['after/2001-02-02/x']);
    expect(await keysAfter('after/2001-03')).toEqual([]);
    await expect(store.list('after/', 1, 'after/2001-02')).rejects.toMatchObject({ name: 'LimitExceededError' });
  });

  it('lists in key order, and refuses more than its bound', async () => {
    const store = open();
    for (const key of ['list/b', 'list/a', 'list/c', 'listing']) await store.put(key, bytes(key));

    const listed = await store.list('list/');

    expect(listed.map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([
      ['list/a', 6],
      ['list/b', 6],
      ['list/c', 6],
    ]);
    await expect(store.list('list/', 2)).rejects.toMatchObject({ name: 'LimitExceededError' });
    expect(await store.list('none/')).toEqual([]);
  });

  it('lists beyond the thousand keys of one page', async () => {
    const store = open();
    const keys = Array.from({ length: 1_005 }, (_, i) => `many/${String(i).padStart(4, '0')}`);
    await Promise.all(keys.map((key) => store.put(key, bytes('x'))));

    expect((await store.list('many/')).map(({ key }) => key)).toEqual(keys);
  });
});
