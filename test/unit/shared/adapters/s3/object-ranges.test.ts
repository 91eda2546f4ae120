import type { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, it } from 'vitest';
import { createObjectRanges } from '../../../../../shared/adapters/s3/object-ranges.ts';

const RANGE = { key: 'k', etag: '"e"', fromByte: 4, toByte: 7 };

const open = (answer: () => Uint8Array) => {
  const asked: GetObjectCommand['input'][] = [];
  const send = async ({ input }: GetObjectCommand) => {
    asked.push(input);
    const bytes = answer();
    return { Body: { transformToByteArray: async () => bytes } };
  };
  return { asked, ...createObjectRanges({ client: { send } as unknown as S3Client, bucket: 'b' }) };
};

const failing = (httpStatusCode: number) => () => {
  throw Object.assign(new Error('no'), { $metadata: { httpStatusCode } });
};

it('asks for exactly the bytes of the object of that moment', async () => {
  const { asked, read } = open(() => new Uint8Array([1, 2, 3]));

  expect(await read(RANGE)).toEqual(new Uint8Array([1, 2, 3]));
  expect(asked).toEqual([{ Bucket: 'b', Key: 'k', IfMatch: '"e"', Range: 'bytes=4-6' }]);
});

it('tells an object that is gone from one that changed, and takes no answer of another length', async () => {
  await expect(open(failing(404)).read(RANGE)).rejects.toMatchObject({ name: 'NotFoundError' });
  await expect(open(failing(412)).read(RANGE)).rejects.toMatchObject({ name: 'ConflictError' });
  await expect(open(() => new Uint8Array(9)).read(RANGE)).rejects.toThrow('gave 9 bytes of a range');
});

it('reads 1 byte to 64 MiB at once', async () => {
  const { read } = open(() => new Uint8Array(0));

  await expect(read({ ...RANGE, toByte: 4 })).rejects.toThrow('are read at once');
  await expect(read({ ...RANGE, toByte: 5 + 64 * 1_024 * 1_024 })).rejects.toThrow('are read at once');
});
