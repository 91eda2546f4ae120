import { S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { createUploadDesk } from '../../../../../shared/adapters/s3/upload-desk.ts';

const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' };
const deskOf = () =>
  createUploadDesk({
    client: new S3Client({ region: 'eu-central-1', credentials }),
    bucket: 'models-of-ours',
    nowMs: () => Date.UTC(2026, 10, 21, 12, 0, 0, 500),
  });

it('signs the length of the file and that none may be there, for a quarter of an hour', async () => {
  const { url, headers, expiresAtMs } = await deskOf().sign('uploads/toy/a/model.onnx', 9);

  const query = new URL(url).searchParams;
  expect(new URL(url).pathname).toBe('/uploads/toy/a/model.onnx');
  expect(query.get('X-Amz-SignedHeaders')).toBe('content-length;host;if-none-match');
  expect(query.get('X-Amz-Expires')).toBe('900');
  expect(headers).toEqual({ 'content-length': '9', 'if-none-match': '*' });
  expect(expiresAtMs).toBe(Date.UTC(2026, 10, 21, 12, 15));
});

it('signs another length otherwise, and gives every file a place of its own', async () => {
  const desk = deskOf();
  const signatureOf = async (sizeBytes: number) =>
    new URL((await desk.sign('k', sizeBytes)).url).searchParams.get('X-Amz-Signature');

  expect(await signatureOf(9)).not.toBe(await signatureOf(10));
  expect(desk.newId()).toMatch(/^[0-9a-f]{32}$/);
  expect(desk.newId()).not.toBe(desk.newId());
});
