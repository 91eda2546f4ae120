import { requireObject, type S3Context, type S3Request } from './bucket-access.ts';
import { invalidArgument, s3Error } from './errors.ts';
import { readConditions, readVerdict } from './preconditions.ts';
import type { ObjectRecord, VersionRecord } from './records.ts';

export type CopySource = VersionRecord & { readonly object: ObjectRecord };

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidArgument('Invalid copy source encoding.', 'x-amz-copy-source', text);
  }
};

/** The object that `x-amz-copy-source` names, its conditions checked. @throws AwsError */
export const copySource = (context: S3Context, { headers }: S3Request): CopySource => {
  const header = headers['x-amz-copy-source'] ?? '';
  const [path = '', query = ''] = header.split('?');
  const [bucket = '', ...rest] = decode(path).replace(/^\//, '').split('/');
  const key = rest.join('/');
  if (bucket === '' || key === '') {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      header,
    );
  }
  if (context.store.bucket(bucket) === undefined) throw s3Error('NoSuchBucket', { BucketName: bucket });
  const versionId = new URLSearchParams(query).get('versionId') ?? undefined;
  const source = requireObject(context, { bucket, key, versionId });
  if (readVerdict(readConditions(headers, 'x-amz-copy-source-'), source.object) === 'not modified') {
    throw s3Error('PreconditionFailed', { Condition: 'x-amz-copy-source-If-None-Match' });
  }
  return source;
};
