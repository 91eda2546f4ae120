import { InvalidRequestError } from '../../kernel/errors.ts';
import { type ByteReader, createByteReader } from './byte-reader.ts';
import { type ByteWriter, createByteWriter } from './byte-writer.ts';
import {
  type CategoryProfile,
  type ColumnProfile,
  type NumberProfile,
  PROFILE_VERSION,
  type TableProfile,
} from './column-profile.ts';
import { COLUMN_REGISTERS, ROW_REGISTERS } from './distinct-sketch.ts';
import {
  readDistinct,
  readHitters,
  readQuantiles,
  writeDistinct,
  writeHitters,
  writeQuantiles,
} from './encode-sketches.ts';
import { type MomentSums, NO_MOMENTS } from './moment-sums.ts';
import { shrinkSketch } from './quantile-accumulator.ts';
import type { ColumnBins, TableBins } from './table-bins.ts';

/** The first bytes of every profile: "MP" and the version. */
const MAGIC = [0x4d, 0x50] as const;

const writeMoments = (writer: ByteWriter, { mean, squares, minimum, maximum }: MomentSums): void => {
  for (const value of [mean, squares, minimum, maximum]) writer.double(value);
};

const readMoments = (reader: ByteReader, count: number): MomentSums => {
  if (count === 0) return NO_MOMENTS;
  const [mean, squares, minimum, maximum] = [reader.double(), reader.double(), reader.double(), reader.double()];
  if (!(Number.isFinite(mean) && squares >= 0 && minimum <= maximum)) {
    throw new InvalidRequestError(
      `a profile's moments must be finite and ordered, got ${[mean, squares, minimum, maximum].join(', ')}`,
    );
  }
  return { count, mean, squares, minimum, maximum };
};

const writeColumn = (writer: ByteWriter, column: ColumnProfile, sketchSize: number): void => {
  writer.whole(column.absentCount);
  writer.whole(column.missingCount);
  writer.whole(column.mistypedCount);
  for (const count of column.counts) writer.whole(count);
  writer.whole(column.fingerprint >>> 0);
  writeDistinct(writer, column.distinct);
  if (column.type === 'category') {
    writeHitters(writer, column.others);
    return;
  }
  writer.whole(column.notFiniteCount);
  writer.whole(column.outOfRangeCount);
  if (column.moments.count === 0) return;
  writeMoments(writer, column.moments);
  writeQuantiles(writer, shrinkSketch(column.quantiles, sketchSize));
};

type Counted = Omit<NumberProfile, 'type' | 'notFiniteCount' | 'outOfRangeCount' | 'moments' | 'quantiles'>;

const readCounted = (reader: ByteReader, name: string, binCount: number): Counted => {
  const [absentCount, missingCount, mistypedCount] = [reader.whole(), reader.whole(), reader.whole()];
  const counts = new Float64Array(binCount);
  for (let bin = 0; bin < binCount; bin += 1) counts[bin] = reader.whole();
  const fingerprint = reader.whole() | 0;
  const distinct = readDistinct(reader, COLUMN_REGISTERS);
  return { name, absentCount, missingCount, mistypedCount, counts, fingerprint, distinct };
};

const EMPTY_SKETCH_SIZE = 8;

const readNumbers = (reader: ByteReader, counted: Counted): NumberProfile => {
  const [notFiniteCount, outOfRangeCount] = [reader.whole(), reader.whole()];
  const count = counted.counts.reduce((sum, one) => sum + one, 0);
  const moments = readMoments(reader, count);
  const quantiles =
    count > 0
      ? readQuantiles(reader)
      : { size: EMPTY_SKETCH_SIZE, count: 0, levels: [], owed: [], maxError: 0, errorSquares: 0 };
  if (quantiles.count !== count) {
    throw new InvalidRequestError(`a profile's sketch must stand for ${count} rows, got ${quantiles.count}`);
  }
  return { ...counted, type: 'number', notFiniteCount, outOfRangeCount, moments, quantiles };
};

const readColumn = (reader: ByteReader, bins: ColumnBins): ColumnProfile => {
  if (bins.type === 'number') return readNumbers(reader, readCounted(reader, bins.name, bins.edges.length + 1));
  const counted = readCounted(reader, bins.name, bins.categories.length + 1);
  const category: CategoryProfile = { ...counted, type: 'category', others: readHitters(reader) };
  return category;
};

/** Values in the uppermost level of a stored sketch: an hour's column takes some hundred bytes. */
export const STORED_SKETCH_SIZE = 32;

/**
 * A profile as bytes, without the names and bins that `decodeProfile` takes from the bins.
 * @param sketchSize to which larger quantile sketches are shrunk; references keep more.
 */
export const encodeProfile = (
  profile: TableProfile,
  { sketchSize = STORED_SKETCH_SIZE }: { readonly sketchSize?: number } = {},
): Uint8Array => {
  const writer = createByteWriter();
  for (const byte of [...MAGIC, profile.schemaVersion]) writer.byte(byte);
  writer.text(profile.binsId);
  writer.whole(profile.rowCount);
  writeDistinct(writer, profile.distinctRows);
  writer.whole(profile.unexpected.length);
  for (const name of profile.unexpected) writer.text(name);
  for (const column of profile.columns) writeColumn(writer, column, sketchSize);
  return writer.bytes();
};

/**
 * A profile from its bytes.
 * @throws InvalidRequestError for other bytes, another version, or other bins than it was counted by.
 */
export const decodeProfile = (bytes: Uint8Array, bins: TableBins): TableProfile => {
  const reader = createByteReader(bytes);
  if (reader.byte() !== MAGIC[0] || reader.byte() !== MAGIC[1]) {
    throw new InvalidRequestError('a profile must begin with the bytes of "MP", got others');
  }
  const version = reader.byte();
  if (version !== PROFILE_VERSION) {
    throw new InvalidRequestError(`a profile must be of version ${PROFILE_VERSION}, got ${version}`);
  }
  const binsId = reader.text();
  if (binsId !== bins.id) {
    throw new InvalidRequestError(`a profile must be counted by bins ${bins.id}, got one by ${binsId}`);
  }
  const rowCount = reader.whole();
  const distinctRows = readDistinct(reader, ROW_REGISTERS);
  const unexpectedCount = reader.whole();
  if (unexpectedCount > reader.left()) {
    throw new InvalidRequestError(`a profile must name at most ${reader.left()} columns, got ${unexpectedCount}`);
  }
  const unexpected = Array.from({ length: unexpectedCount }, () => reader.text());
  const columns = bins.columns.map((column) => readColumn(reader, column));
  if (reader.left() > 0)
    throw new InvalidRequestError(`a profile must end with its columns, got ${reader.left()} bytes more`);
  return { schemaVersion: PROFILE_VERSION, binsId, rowCount, distinctRows, columns, unexpected };
};
