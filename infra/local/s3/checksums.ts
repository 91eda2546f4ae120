import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** The additional checksums of S3. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export const DEFAULT_ALGORITHM: ChecksumAlgorithm = 'CRC64NVME';

export const checksumHeader = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** Element name in documents. */
export const checksumElement = (algorithm: ChecksumAlgorithm): string => `Checksum${algorithm}`;

export interface Checksum {
  update(chunk: Uint8Array): void;
  /** Base64, big-endian for CRCs. */
  digest(): string;
}

/** Reflected polynomial of Castagnoli's CRC-32C (RFC 3720, appendix B.4). */
const CRC32C_POLYNOMIAL = 0x82f63b78;

const crc32cTable = ((): Uint32Array => {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ CRC32C_POLYNOMIAL : value >>> 1;
    table[byte] = value;
  }
  return table;
})();

/** Reflected polynomial of CRC-64/NVME (NVM Express NVM Command Set 1.0d, 5.2.1.3.4), as two halves. */
const CRC64_HIGH = 0x9a6c9329;
const CRC64_LOW = 0xac4bc9b5;

const crc64Tables = ((): { readonly high: Uint32Array; readonly low: Uint32Array } => {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let [h, l] = [0, byte];
    for (let bit = 0; bit < 8; bit += 1) {
      const carry = l & 1;
      l = ((l >>> 1) | (h << 31)) >>> 0;
      h >>>= 1;
      if (carry) {
        h = (h ^ CRC64_HIGH) >>> 0;
        l = (l ^ CRC64_LOW) >>> 0;
      }
    }
    high[byte] = h;
    low[byte] = l;
  }
  return { high, low };
})();

const uint32 = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0, 0);
  return bytes.toString('base64');
};

const createCrc32 = (): Checksum => {
  let value = 0;
  return {
    update: (chunk) => {
      value = crc32(chunk, value);
    },
    digest: () => uint32(value),
  };
};

const createCrc32c = (): Checksum => {
  let value = 0xffffffff;
  return {
    update: (chunk) => {
      let current = value;
      for (let index = 0; index < chunk.length; index += 1) {
        current = (current >>> 8) ^ (crc32cTable[(current ^ (chunk[index] ?? 0)) & 0xff] ?? 0);
      }
      value = current;
    },
    digest: () => uint32(value ^ 0xffffffff),
  };
};

const createCrc64 = (): Checksum => {
  let high = 0xffffffff;
  let low = 0xffffffff;
  return {
    update: (chunk) => {
      let [h, l] = [high, low];
      for (let index = 0; index < chunk.length; index += 1) {
        const entry = (l ^ (chunk[index] ?? 0)) & 0xff;
        l = ((l >>> 8) | (h << 24)) ^ (crc64Tables.low[entry] ?? 0);
        h = (h >>> 8) ^ (crc64Tables.high[entry] ?? 0);
      }
      [high, low] = [h, l];
    },
    digest: () => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32BE((high ^ 0xffffffff) >>> 0, 0);
      bytes.writeUInt32BE((low ^ 0xffffffff) >>> 0, 4);
      return bytes.toString('base64');
    },
  };
};

const createDigest = (algorithm: string): Checksum => {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest('base64') };
};

export const createChecksum = (algorithm: ChecksumAlgorithm): Checksum => {
  switch (algorithm) {
    case 'CRC32':
      return createCrc32();
    case 'CRC32C':
      return createCrc32c();
    case 'CRC64NVME':
      return createCrc64();
    case 'SHA1':
      return createDigest('sha1');
    case 'SHA256':
      return createDigest('sha256');
  }
};

/** Checksum of the parts' checksums, as multipart uploads of type COMPOSITE have it: `<base64>-<parts>`. */
export const compositeChecksum = (algorithm: ChecksumAlgorithm, parts: readonly string[]): string => {
  const checksum = createChecksum(algorithm);
  for (const part of parts) checksum.update(Buffer.from(part, 'base64'));
  return `${checksum.digest()}-${parts.length}`;
};
