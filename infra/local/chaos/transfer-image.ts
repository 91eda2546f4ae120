import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { LocalClock } from '../contracts.ts';
import type { LocalImage } from '../jobs/local-images.ts';
import type { ClientConfig } from './session.ts';

/** Amazon's own image, whose containers bring a Batch job's files and take them away. */
export const TRANSFER_IMAGE = 'public.ecr.aws/amazonlinux/amazonlinux:2023';

type Environment = Readonly<Record<string, string>>;

const clientOf = (requestHandler: ClientConfig['requestHandler'], environment: Environment): S3Client => {
  const { AWS_ENDPOINT_URL = '', AWS_REGION = '', AWS_SESSION_TOKEN: sessionToken } = environment;
  const credentials = {
    accessKeyId: environment.AWS_ACCESS_KEY_ID ?? '',
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? '',
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
  return new S3Client({
    endpoint: AWS_ENDPOINT_URL,
    region: AWS_REGION,
    credentials,
    requestHandler,
    forcePathStyle: true,
  });
};

interface Files {
  readonly root: string;
  readonly environment: Environment;
  readonly native: LocalClock['native'];
}

const fetchFiles = async (s3: S3Client, { root, environment, native }: Files): Promise<void> => {
  const { ARTIFACT_BUCKET: Bucket = '', TRAIN_KEY: Key = '', HYPERPARAMETERS = '' } = environment;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  const [channel, config] = [join(root, 'input', 'data', 'train'), join(root, 'input', 'config')];
  await native('image writes', async () => {
    for (const folder of [channel, config, join(root, 'model'), join(root, 'output')]) {
      await mkdir(folder, { recursive: true });
    }
    await writeFile(join(config, 'hyperparameters.json'), HYPERPARAMETERS);
    await writeFile(join(channel, basename(Key)), bytes);
  });
};

const uploadFiles = async (s3: S3Client, { root, environment, native }: Files): Promise<void> => {
  const { ARTIFACT_BUCKET: Bucket = '', OUTPUT_PREFIX = '' } = environment;
  const folder = join(root, 'model');
  const names = await native('image reads', async () => (await readdir(folder)).toSorted());
  for (const name of names) {
    const Body = await native('image reads', () => readFile(join(folder, name)));
    await s3.send(new PutObjectCommand({ Bucket, Key: `${OUTPUT_PREFIX}${name}`, Body }));
  }
};

/**
 * Does in this process what the shell commands of *fetch* and *upload* do (`infra/aws/constructs/batch-job.ts`), as the
 * job's role and through the simulation's transport.
 * @param native as for `createBoostedTreesImage`.
 */
export const createTransferImage =
  ({
    requestHandler,
    native,
  }: {
    readonly requestHandler: () => ClientConfig['requestHandler'];
    readonly native: LocalClock['native'];
  }): LocalImage =>
  async ({ root, environment, arguments: given }) => {
    const s3 = clientOf(requestHandler(), environment);
    const uploads = given.some((part) => part.includes('--recursive'));
    await (uploads ? uploadFiles : fetchFiles)(s3, { root, environment, native });
    return 0;
  };
