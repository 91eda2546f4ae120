import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  compositeChecksum,
  createChecksum,
} from '../../../../../infra/local/s3/checksums.ts';
import { fc } from '../../../../helpers/properties.ts';

const checksum = (algorithm: ChecksumAlgorithm, ...chunks: readonly Uint8Array[]): string => {
  const sum = createChecksum(algorithm);
  for (const chunk of chunks) sum.update(chunk);
  return sum.digest();
};

describe('checksums', () => {
  // Check values of the CRC catalogue (https://reveng.sourceforge.io/crc-catalogue/all.htm); SHA: coreutils.
  it.each<[ChecksumAlgorithm, string]>([
    ['CRC32', 'cbf43926'],
    ['CRC32C', 'e3069283'],
    ['CRC64NVME', 'ae8b14860a799888'],
    ['SHA1', 'f7c3bc1d808e04732adf679965ccc34ca7ae3441'],
    ['SHA256', '15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225'],
  ])('computes %s of the standard message', (algorithm, hex) => {
    expect(Buffer.from(checksum(algorithm, Buffer.from('123456789')), 'base64').toString('hex')).toBe(hex);
  });

  it('does not depend on how the bytes arrive', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        for (const algorithm of CHECKSUM_ALGORITHMS) {
          expect(checksum(algorithm, ...chunks)).toBe(checksum(algorithm, Buffer.concat(chunks)));
        }
      }),
    );
  });

  it('makes a composite of the checksums of parts, as SDKs expect it', () => {
    const parts = [Buffer.from('a'), Buffer.from('b')].map((part) => checksum('SHA256', part));
    const joined = Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));

    expect(compositeChecksum('SHA256', parts)).toBe(`${checksum('SHA256', joined)}-2`);
  });
});
