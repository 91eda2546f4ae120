import { type FileHandle, open } from 'node:fs/promises';
import type { InputObject } from '../../core/batch-scoring/index.ts';
import { InvalidRequestError } from '../../kernel/errors.ts';
import type { ObjectRanges } from '../../ports/object-ranges.ts';

/**
 * A Parquet object on disk as a file of its length that holds only its footer and the row groups that are read: the
 * rest is a hole. A reader goes by the footer, so it meets no hole unless it asks for other rows.
 * https://parquet.apache.org/docs/file-format/
 */

const MAGIC = 'PAR1';
/** At the end: the footer's length and the magic bytes. */
const TAIL_BYTES = 8;
/** A footer of some thousand row groups of a hundred columns. */
const LONGEST_FOOTER_BYTES = 60 * 1_024 * 1_024;
const PIECE_BYTES = 8 * 1_024 * 1_024;

type Object = Pick<InputObject, 'key' | 'etag' | 'sizeBytes'>;

/** Where the footer begins. @throws InvalidRequestError when the object is no Parquet file. */
export const findFooter = async (ranges: ObjectRanges, { key, etag, sizeBytes }: Object): Promise<number> => {
  if (sizeBytes > MAGIC.length + TAIL_BYTES) {
    const tail = Buffer.from(await ranges.read({ key, etag, fromByte: sizeBytes - TAIL_BYTES, toByte: sizeBytes }));
    const footerBytes = tail.readUInt32LE(0) + TAIL_BYTES;
    const isParquet = tail.toString('latin1', 4) === MAGIC && footerBytes + MAGIC.length <= sizeBytes;
    if (isParquet && footerBytes <= LONGEST_FOOTER_BYTES) return sizeBytes - footerBytes;
  }
  throw new InvalidRequestError(
    `object ${key} is not a Parquet file with a footer of at most ${LONGEST_FOOTER_BYTES} bytes`,
  );
};

const lay = async (
  file: FileHandle,
  ranges: ObjectRanges,
  { key, etag }: Object,
  { fromByte, toByte }: { readonly fromByte: number; readonly toByte: number },
): Promise<void> => {
  for (let at = fromByte; at < toByte; at += PIECE_BYTES) {
    const piece = await ranges.read({ key, etag, fromByte: at, toByte: Math.min(at + PIECE_BYTES, toByte) });
    await file.write(piece, 0, piece.byteLength, at);
  }
};

/**
 * Lays the footer and the bytes of some row groups, none by default.
 * @throws ConflictError when the object changed.
 */
export const layParquetPieces = async (
  ranges: ObjectRanges,
  path: string,
  object: Object & { readonly footerFromByte: number; readonly fromByte?: number; readonly toByte?: number },
): Promise<void> => {
  const file = await open(path, 'w');
  try {
    await file.truncate(object.sizeBytes);
    await file.write(MAGIC, 0, 'latin1');
    const { fromByte = 0, toByte = 0, footerFromByte, sizeBytes } = object;
    await lay(file, ranges, object, { fromByte, toByte });
    await lay(file, ranges, object, { fromByte: footerFromByte, toByte: sizeBytes });
  } finally {
    await file.close();
  }
};
