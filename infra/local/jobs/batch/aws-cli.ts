import { createWriteStream } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { listFiles, parseS3Uri, type S3Location } from '../s3-transfer.ts';

/**
 * Stands for the AWS CLI in the containers that move a training job's files, which install the real one on AWS:
 * `aws s3 cp <s3 uri> <path>` and `aws s3 cp --recursive <folder> <s3 uri>`. Anything else is refused.
 */

const client = new S3Client({ forcePathStyle: true });

const download = async ({ bucket, key }: S3Location, target: string): Promise<void> => {
  const isFolder =
    target.endsWith('/') ||
    (await stat(target).then(
      (found) => found.isDirectory(),
      () => false,
    ));
  const path = isFolder ? join(target, basename(key)) : target;
  await mkdir(dirname(path), { recursive: true });
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  await pipeline(Body as Readable, createWriteStream(path));
  console.log(`download: s3://${bucket}/${key} to ${path}`);
};

const upload = async (folder: string, { bucket, key }: S3Location): Promise<void> => {
  const prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
  for (const { name, path } of await listFiles(folder)) {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${prefix}${name}`, Body: await readFile(path) }));
    console.log(`upload: ${path} to s3://${bucket}/${prefix}${name}`);
  }
};

const run = async (given: readonly string[]): Promise<void> => {
  const recursive = given.includes('--recursive');
  const [service, command, source = '', target = '', ...more] = given.filter((part) => part !== '--recursive');
  const from = parseS3Uri(source);
  const to = parseS3Uri(target);
  const isCopy = service === 's3' && command === 'cp' && more.length === 0;
  if (isCopy && recursive && to && !from) await upload(source, to);
  else if (isCopy && !recursive && from && !to && target !== '') await download(from, target);
  else throw new Error(`aws ${given.join(' ')} is not supported here: s3 cp of one object down or of one folder up is`);
};

try {
  await run(process.argv.slice(2));
} catch (error) {
  console.error(`aws: ${(error as Error).message}`);
  process.exitCode = 1;
}
