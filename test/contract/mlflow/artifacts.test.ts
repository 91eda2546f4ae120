import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createS3Service } from '../../../infra/local/s3/service.ts';
import { createMemoryTrackingArtifacts } from '../../../shared/adapters/memory/tracking-artifacts.ts';
import { createTrackingArtifacts } from '../../../shared/adapters/s3/tracking-artifacts.ts';
import { artifactSpace } from '../../../shared/core/artifacts/index.ts';
import type { TrackingArtifacts } from '../../../shared/ports/tracking-artifacts.ts';
import { type StartedService, startLocalService } from '../../helpers/local-service.ts';

const BUCKET = 'artifacts';
const MEBIBYTE = 1024 * 1024;
const bytes = (text: string) => new TextEncoder().encode(text);

let local: StartedService;
let client: S3Client;
beforeAll(async () => {
  local = await startLocalService(createS3Service);
  client = new S3Client(local.clientConfig);
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  client.destroy();
  await local.stop();
});

const onS3 = (workspace: string, using = client): TrackingArtifacts =>
  createTrackingArtifacts({
    client: using,
    bucket: BUCKET,
    space: artifactSpace({ workspace, bucket: BUCKET }),
    nowMs: () => local.clock.nowMs(),
  });
const subjects: Readonly<Record<string, (workspace: string) => TrackingArtifacts>> = {
  memory: (workspace) => createMemoryTrackingArtifacts(artifactSpace({ workspace, bucket: BUCKET })),
  'the embedded S3': onS3,
};

describe.each(Object.entries(subjects))('artifacts on %s', (_where, open) => {
  it('lists what lies directly in a directory, and nothing of a file or of nothing', async () => {
    const artifacts = open('listing');
    for (const path of ['1/r/model/MLmodel', '1/r/model/data/w.bin', '1/r/a b.txt', '1/rest']) {
      await artifacts.put(path, bytes(path));
    }

    expect(await artifacts.list('1/r')).toEqual([
      { name: 'a b.txt', isDirectory: false, sizeBytes: 11 },
      { name: 'model', isDirectory: true },
    ]);
    expect(await artifacts.list('1/r/model/')).toEqual([
      { name: 'MLmodel', isDirectory: false, sizeBytes: 17 },
      { name: 'data', isDirectory: true },
    ]);
    expect(await artifacts.list('')).toEqual([{ name: '1', isDirectory: true }]);
    expect(await artifacts.list('1/r/a b.txt')).toEqual([]);
    expect(await artifacts.list('nothing')).toEqual([]);
  });

  it('deletes an object or a whole directory, not its neighbours, and nothing twice over', async () => {
    const artifacts = open('deleting');
    for (const path of ['r/a', 'r/ab', 'r/d/x', 'r/d/e/y', 'r/dd/z']) await artifacts.put(path, bytes('x'));

    await artifacts.delete('r/a');
    await artifacts.delete('r/d');
    await artifacts.delete('r/d');

    expect((await artifacts.list('r')).map(({ name }) => name)).toEqual(['ab', 'dd']);
  });

  it('says how large an object is, and what is not there', async () => {
    const artifacts = open('describing');
    await artifacts.put('x', bytes('12345'));
    await artifacts.put('x', bytes('123'));

    expect(await artifacts.describe('x')).toEqual({ sizeBytes: 3 });
    await expect(artifacts.describe('y')).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('keeps workspaces apart', async () => {
    await open('one').put('secret', bytes('x'));
    const other = open('other');

    await expect(other.describe('secret')).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(other.describe('../../one/artifacts/secret')).rejects.toThrow('Invalid path');
    await expect(other.put('%2e%2e/x', bytes('x'))).rejects.toThrow('Invalid path');
    await expect(other.list('../../one')).rejects.toThrow('Invalid path');
  });

  it('refuses to write where registered versions lie', async () => {
    const artifacts = open('default');
    const path = 'models/late/abc/model.onnx';

    await expect(artifacts.put(path, bytes('x'))).rejects.toMatchObject({ name: 'ForbiddenError' });
    await expect(artifacts.delete(path)).rejects.toMatchObject({ name: 'ForbiddenError' });
    await expect(artifacts.createUpload(path, 1)).rejects.toMatchObject({ name: 'ForbiddenError' });
  });

  it.each([0, 2_001, 1.5])('refuses an upload in %s parts', async (partCount) => {
    await expect(open('parts').createUpload('x', partCount)).rejects.toThrow(/num_parts must be in \[1, 2000\]/);
  });

  it('lets go of an upload that is not under way', async () => {
    const artifacts = open('aborting');
    const { uploadId } = await artifacts.createUpload('big', 1);

    await artifacts.abortUpload('big', uploadId);
    await artifacts.abortUpload('big', uploadId);

    await expect(artifacts.completeUpload('big', uploadId, [{ partNumber: 1, etag: '"a"' }])).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });
});

describe('artifacts on the embedded S3', () => {
  it('gives URLs that are read by anybody, for a while', async () => {
    const artifacts = onS3('reading');
    await artifacts.put("d/ü (1)+'.txt", bytes('hello'), 'text/plain');

    const url = await artifacts.downloadUrl("d/ü (1)+'.txt");
    const fresh = await fetch(url);

    expect(await fresh.text()).toBe('hello');
    expect(fresh.headers.get('content-type')).toBe('text/plain');
    await local.clock.advanceBy(301_000);
    expect((await fetch(url)).status).toBe(403);
  });

  it('gives URLs that read one object only, and write none', async () => {
    const artifacts = onS3('narrow');
    await artifacts.put('mine', bytes('mine'));
    await artifacts.put('yours', bytes('yours'));
    const url = await artifacts.downloadUrl('mine');

    expect((await fetch(url.replace('mine', 'yours'))).status).toBe(403);
    expect((await fetch(url, { method: 'PUT', body: 'x' })).status).toBe(403);
  });

  it('names the file that a browser saves, whatever its name', async () => {
    const artifacts = onS3('saving');
    await artifacts.put('x', bytes('x'));

    const answer = await fetch(await artifacts.downloadUrl('x', { attachmentName: 'a "b";\u00fc.txt' }));

    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="a _b_;_.txt"; filename*=UTF-8''a%20%22b%22%3B%C3%BC.txt`,
    );
  });

  it('reads registered versions in the default workspace only', async () => {
    const Key = 'models/late/abc/model.onnx';
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'graph' }));
    const artifacts = onS3('default');

    expect(await artifacts.list('models/late/abc')).toEqual([{ name: 'model.onnx', isDirectory: false, sizeBytes: 5 }]);
    expect(await (await fetch(await artifacts.downloadUrl(Key))).text()).toBe('graph');
    await expect(onS3('other').describe(Key)).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  it('takes 12 MB in parts that go straight to S3', async () => {
    const artifacts = onS3('parts');
    const body = Uint8Array.from({ length: 12 * MEBIBYTE }, (_, i) => (i * 31 + (i >> 12)) % 256);
    const partBytes = 5 * MEBIBYTE;
    const { uploadId, partUrls } = await artifacts.createUpload('big.bin', 3);

    const parts = await Promise.all(
      partUrls.map(async (url, index) => {
        const part = body.slice(index * partBytes, (index + 1) * partBytes);
        const answer = await fetch(url, { method: 'PUT', body: part });
        expect(answer.status).toBe(200);
        return { partNumber: index + 1, etag: answer.headers.get('etag') ?? '' };
      }),
    );
    await artifacts.completeUpload('big.bin', uploadId, parts);
    await artifacts.completeUpload('big.bin', uploadId, parts);

    expect(await artifacts.describe('big.bin')).toEqual({ sizeBytes: body.byteLength });
    const read = await fetch(await artifacts.downloadUrl('big.bin'));
    expect(Buffer.from(await read.arrayBuffer()).equals(body)).toBe(true);
  });

  // S3's own memory of completed uploads is not promised: its reference names them as a cause of NoSuchUpload.
  it('takes an upload for completed whose answer was lost, once S3 has forgotten it', async () => {
    const forgetful = new S3Client(local.clientConfig);
    forgetful.middlewareStack.add(
      (next, context) => async (given) => {
        const answer = await next(given);
        if (context.commandName !== 'CompleteMultipartUploadCommand') return answer;
        throw Object.assign(new Error('The specified upload does not exist.'), { name: 'NoSuchUpload' });
      },
      { step: 'initialize' },
    );
    const artifacts = onS3('forgotten', forgetful);
    const { uploadId, partUrls } = await artifacts.createUpload('big.bin', 1);
    const part = await fetch(partUrls[0] ?? '', { method: 'PUT', body: 'small' });

    await artifacts.completeUpload('big.bin', uploadId, [{ partNumber: 1, etag: part.headers.get('etag') ?? '' }]);

    expect(await artifacts.describe('big.bin')).toEqual({ sizeBytes: 5 });
    forgetful.destroy();
  });

  it('does not take an older object for what an upload wrote', async () => {
    const artifacts = onS3('older');
    await artifacts.put('big.bin', bytes('older'));
    const { uploadId } = await artifacts.createUpload('big.bin', 1);
    await artifacts.abortUpload('big.bin', uploadId);

    for (const id of [uploadId, uploadId.split('.')[0] ?? '', `${uploadId}x`]) {
      await expect(artifacts.completeUpload('big.bin', id, [{ partNumber: 1, etag: '"a"' }])).rejects.toMatchObject({
        name: 'NotFoundError',
      });
    }
  });

  it('refuses parts that were not stored so', async () => {
    const artifacts = onS3('wrong');
    const { uploadId, partUrls } = await artifacts.createUpload('big.bin', 2);
    const etags = await Promise.all(
      partUrls.map(async (url) => (await fetch(url, { method: 'PUT', body: 'small' })).headers.get('etag') ?? ''),
    );
    const complete = (...parts: readonly [number, string][]) =>
      artifacts.completeUpload(
        'big.bin',
        uploadId,
        parts.map(([partNumber, etag]) => ({ partNumber, etag })),
      );

    await expect(complete([1, '"0123456789abcdef0123456789abcdef"'])).rejects.toThrow(InvalidRequest);
    await expect(complete([2, etags[1] ?? ''], [1, etags[0] ?? ''])).rejects.toThrow(InvalidRequest);
    await expect(complete([1, etags[0] ?? ''], [2, etags[1] ?? ''])).rejects.toThrow(InvalidRequest);
    await expect(complete()).rejects.toThrow(InvalidRequest);
  });
});

const InvalidRequest = expect.objectContaining({ name: 'InvalidRequestError' });
