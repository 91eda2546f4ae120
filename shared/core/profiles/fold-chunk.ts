import { hashWords } from './hash.ts';
import { CHUNK_ROWS, createNumberSorter, type NumberSorter } from './sort-numbers.ts';

/** What the columns of a table share while a piece of its rows is folded. */
export interface FoldChunk {
  /** Rows `from … from + length` of the batch. */
  from: number;
  length: number;
  /** A fixed odd number for each row of a piece: what makes a column's fingerprint one of its order too. */
  readonly rowWeights: Int32Array;
  /** Hash of each row's cells so far. */
  readonly rowHashes: Int32Array;
  readonly sorter: NumberSorter;
  /** The numbers of the column at hand, as doubles and as their words. */
  readonly numbers: Float64Array;
  readonly words: Int32Array;
  /** The codes of the texts of the column at hand; negative where missing. */
  readonly codes: Int32Array;
}

export const createFoldChunk = (): FoldChunk => {
  const numbers = new Float64Array(CHUNK_ROWS);
  return {
    from: 0,
    length: 0,
    rowWeights: Int32Array.from({ length: CHUNK_ROWS }, (_, row) => hashWords(row, 0) | 1),
    rowHashes: new Int32Array(CHUNK_ROWS),
    sorter: createNumberSorter(),
    numbers,
    words: new Int32Array(numbers.buffer),
    codes: new Int32Array(CHUNK_ROWS),
  };
};

/** Moves on to the next rows of the batch. */
export const beginChunk = (chunk: FoldChunk, from: number, length: number): void => {
  chunk.from = from;
  chunk.length = length;
  chunk.rowHashes.fill(0, 0, length);
};

/** Hash of a cell that holds nothing. */
export const EMPTY_HASH = hashWords(0, -1);

/** Takes the hash of a cell into its row's. `finishHash` ends it. */
export const addToRow = (rowHash: number, cellHash: number): number =>
  (Math.imul(rowHash ^ cellHash, 0x1b87_3593) + 1) | 0;
