import { inflateRawSync } from 'node:zlib';
import { AwsError } from '../contracts.ts';

export interface ArchivedFile {
  /** Relative, with slashes; never out of its folder. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly executable: boolean;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const LARGEST_UNZIPPED_BYTES = 262_144_000;

const END_OF_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const STORED = 0;
const DEFLATED = 8;
const OWNER_MAY_EXECUTE = 0o100;

const invalid = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });

/** @throws AwsError InvalidParameterValueException */
export const checkUnzippedSize = (sizeBytes: number): void => {
  if (sizeBytes > LARGEST_UNZIPPED_BYTES) {
    throw invalid(`Unzipped size must be smaller than ${LARGEST_UNZIPPED_BYTES} bytes`);
  }
};

const malformed = (): AwsError =>
  invalid('Could not unzip uploaded file. Please check your file, then try to upload again.');

/** Where the directory begins and how many entries it has; the record that says so stands before a comment. */
const findDirectory = (archive: Buffer): { readonly offset: number; readonly count: number } => {
  for (let at = archive.length - END_BYTES; at >= 0; at -= 1) {
    if (archive.readUInt32LE(at) !== END_OF_DIRECTORY) continue;
    return { offset: archive.readUInt32LE(at + 16), count: archive.readUInt16LE(at + 10) };
  }
  throw malformed();
};

const contentOf = (archive: Buffer, headerAt: number, packedBytes: number, method: number, bytes: number): Buffer => {
  if (archive.readUInt32LE(headerAt) !== LOCAL_HEADER) throw malformed();
  const start = headerAt + 30 + archive.readUInt16LE(headerAt + 26) + archive.readUInt16LE(headerAt + 28);
  const packed = archive.subarray(start, start + packedBytes);
  if (method === STORED) return packed;
  if (method !== DEFLATED) throw malformed();
  const content = inflateRawSync(packed, { maxOutputLength: Math.max(bytes, 1) });
  if (content.length !== bytes) throw malformed();
  return content;
};

const isWithin = (path: string): boolean => !path.startsWith('/') && !path.split('/').includes('..');

const readFiles = (archive: Buffer): readonly ArchivedFile[] => {
  const { offset, count } = findDirectory(archive);
  const files: ArchivedFile[] = [];
  let total = 0;
  let at = offset;
  for (let index = 0; index < count; index += 1) {
    if (archive.readUInt32LE(at) !== DIRECTORY_ENTRY) throw malformed();
    const nameBytes = archive.readUInt16LE(at + 28);
    const path = archive.toString('utf8', at + 46, at + 46 + nameBytes);
    const size = archive.readUInt32LE(at + 24);
    total += size;
    checkUnzippedSize(total);
    if (!isWithin(path)) throw malformed();
    if (!path.endsWith('/')) {
      const packed = archive.readUInt32LE(at + 20);
      const bytes = contentOf(archive, archive.readUInt32LE(at + 42), packed, archive.readUInt16LE(at + 10), size);
      files.push({ path, bytes, executable: ((archive.readUInt32LE(at + 38) >>> 16) & OWNER_MAY_EXECUTE) !== 0 });
    }
    at += 46 + nameBytes + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
};

/**
 * The files of a ZIP archive (APPNOTE.TXT 4.3), stored or deflated, without ZIP64.
 * @throws AwsError InvalidParameterValueException when it is malformed or too large
 */
export const unzip = (archive: Buffer): readonly ArchivedFile[] => {
  try {
    return readFiles(archive);
  } catch (error) {
    if (error instanceof AwsError) throw error;
    throw malformed();
  }
};
