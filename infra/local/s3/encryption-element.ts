import type { Encryption } from './records.ts';
import { group, leaf } from './xml.ts';

/** A bucket's default encryption as its rule. */
export const encryptionElement = ({ algorithm, keyArn, bucketKey }: Encryption): string =>
  group(
    'Rule',
    group('ApplyServerSideEncryptionByDefault', leaf('SSEAlgorithm', algorithm), leaf('KMSMasterKeyID', keyArn)),
    leaf('BucketKeyEnabled', bucketKey === true),
  );
