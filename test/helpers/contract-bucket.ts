import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ContractTarget } from './contract-target.ts';

/** Removes every version, also locked ones that only a governance retention holds. */
const empty = async (client: S3Client, name: string): Promise<void> => {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: name }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) return;
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: name, Delete: { Objects }, BypassGovernanceRetention: true }),
    );
    if (Errors.length > 0) throw new Error(`${Errors[0]?.Key}: ${Errors[0]?.Message}`);
  }
};

/** A bucket of the target, `<prefix>-<suffix>`, which is emptied and deleted when the target stops. */
export const createContractBucket = async (
  target: ContractTarget,
  client: S3Client,
  suffix: string,
  more: object = {},
): Promise<string> => {
  const name = `${target.prefix}-${suffix}`;
  await client.send(new CreateBucketCommand({ Bucket: name, ...more }));
  target.afterwards(async () => {
    await empty(client, name);
    await client.send(new DeleteBucketCommand({ Bucket: name }));
  });
  return name;
};
