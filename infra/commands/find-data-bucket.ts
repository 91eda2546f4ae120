import { ListBucketsCommand, type S3Client } from '@aws-sdk/client-s3';
import { NotFoundError } from '../../shared/kernel/errors.ts';

/**
 * The data bucket of a stage. Its name is CloudFormation's, made from stack and logical id: that start is looked for,
 * so that nothing but S3 need be asked.
 * @throws NotFoundError when there is none, or more than one.
 */
export const findDataBucket = async (client: S3Client, stage: string): Promise<string> => {
  const start = `millrace-${stage}-data-databucket`;
  const { Buckets = [] } = await client.send(new ListBucketsCommand({ Prefix: start }));
  const names = Buckets.flatMap(({ Name }) => (Name?.startsWith(start) ? [Name] : []));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new NotFoundError(
      `${names.length} buckets start with ${start}${names.length > 1 ? ` (${names.join(', ')})` : ''}: name it with --bucket, ` +
        `from the output DataBucketName of the stack Millrace-${stage}-data`,
    );
  }
  return name;
};
