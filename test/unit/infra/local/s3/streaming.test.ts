import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createS3Service } from '../../../../../infra/local/s3/service.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

const MIB = 1024 * 1024;
const STREAMED = 200 * MIB;
const IN_PARTS = 40 * MIB;
const PART = 8 * MIB;
const Bucket = 'large';

let local: StartedService;
let client: S3Client;
beforeAll(async () => {
  local = await startLocalService(createS3Service);
  client = new S3Client(local.clientConfig);
  await client.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  client.destroy();
  await local.stop();
});

/** A mebibyte without a short period, told apart by its number. */
const block = (() => {
  const bytes = Buffer.alloc(MIB);
  let state = 1;
  for (let index = 0; index < MIB; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
})();
const mebibyte = (index: number): Buffer => {
  const bytes = Buffer.from(block);
  bytes.writeUInt32BE(index, index % MIB);
  return bytes;
};
const content = function* (from: number, to: number): Generator<Buffer> {
  for (let index = from; index < to; index += 1) yield mebibyte(index);
};
const digest = (pieces: Iterable<Uint8Array>): string => {
  const sha256 = createHash('sha256');
  for (const piece of pieces) sha256.update(piece);
  return sha256.digest('hex');
};
const read = async (Key: string, Range?: string) => {
  const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket, Key, Range }));
  const sha256 = createHash('sha256');
  for await (const chunk of Body as Readable) sha256.update(chunk as Buffer);
  return { bytes: ContentLength, sha256: sha256.digest('hex') };
};

/** A range that begins and ends within mebibytes, and within parts; its header and its SHA-256. */
const rangeOf = (fromMib: number, toMib: number) => {
  const [start, end] = [fromMib * MIB + 5, toMib * MIB + 3];
  const bytes = Buffer.concat([...content(fromMib, toMib + 1)]).subarray(5, 5 + end - start + 1);
  return { header: `bytes=${start}-${end}`, expected: { bytes: end - start + 1, sha256: digest([bytes]) } };
};

it('takes 200 MB from a stream in one request, with the SDK’s own settings, and gives them back exactly', async () => {
  await client.send(
    new PutObjectCommand({
      Bucket,
      Key: 'streamed',
      Body: Readable.from(content(0, STREAMED / MIB)),
      ContentLength: STREAMED,
    }),
  );

  expect(await read('streamed')).toEqual({ bytes: STREAMED, sha256: digest(content(0, STREAMED / MIB)) });
  const { header, expected } = rangeOf(37, 99);
  expect(await read('streamed', header)).toEqual(expected);
}, 60_000);

it('takes 40 MB in parts, four at a time, as the SDK’s upload library sends them, and gives them back exactly', async () => {
  const target = { Bucket, Key: 'parts' };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'CRC32' }));
  const numbers = Array.from({ length: IN_PARTS / PART }, (_, index) => index + 1);
  const Parts: { PartNumber: number; ETag: string | undefined; ChecksumCRC32: string | undefined }[] = [];
  const worker = async (): Promise<void> => {
    for (let PartNumber = numbers.shift(); PartNumber !== undefined; PartNumber = numbers.shift()) {
      const from = ((PartNumber - 1) * PART) / MIB;
      const Body = Buffer.concat([...content(from, from + PART / MIB)]);
      const sent = await client.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 });
    }
  };

  await Promise.all([worker(), worker(), worker(), worker()]);
  Parts.sort((a, b) => a.PartNumber - b.PartNumber);
  await client.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));

  expect(await read('parts')).toEqual({ bytes: IN_PARTS, sha256: digest(content(0, IN_PARTS / MIB)) });
  const { header, expected } = rangeOf(7, 33);
  expect(await read('parts', header)).toEqual(expected);
}, 60_000);
