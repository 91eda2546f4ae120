import { type ColumnData, type DictionaryColumn, isDictionary, lengthOf, textOfNumber } from './column-data.ts';
import type { CategoryProfile } from './column-profile.ts';
import { addCounts } from './count-bins.ts';
import { absorbDistinct, addDistinct, COLUMN_REGISTERS } from './distinct-sketch.ts';
import { addToRow, EMPTY_HASH, type FoldChunk } from './fold-chunk.ts';
import { addHitters, mergeHitters, NO_HITTERS } from './heavy-hitters.ts';
import type { CategoryBins } from './table-bins.ts';
import { createTextCodes, type TextCodes } from './text-codes.ts';

const INDEX_BITS = 31 - Math.clz32(COLUMN_REGISTERS);
const MISSING = -1;
const UNKNOWN = -2;

/** The codes of a dictionary's texts, found when they first come. */
const createTranslation = (texts: TextCodes) => {
  let codes = new Int32Array(0);
  let codesOf: readonly string[] | undefined;
  const translate = (chunk: FoldChunk, { codes: places, dictionary }: DictionaryColumn, into: Int32Array): void => {
    if (codesOf !== dictionary) {
      codes = new Int32Array(dictionary.length).fill(UNKNOWN);
      codesOf = dictionary;
    }
    for (let i = 0; i < chunk.length; i += 1) {
      const place = places[chunk.from + i] as number;
      let code = place >= 0 && place < codes.length ? (codes[place] as number) : MISSING;
      if (code === UNKNOWN) {
        const text = dictionary[place] as string;
        code = text === '' ? MISSING : texts.codeOf(text);
        codes[place] = code;
      }
      into[i] = code;
    }
  };
  const forget = (): void => {
    codesOf = undefined;
  };
  return { translate, forget };
};

const translateTexts = (texts: TextCodes, chunk: FoldChunk, data: ColumnData, into: Int32Array): void => {
  if (isDictionary(data)) return;
  for (let i = 0; i < chunk.length; i += 1) {
    const cell = data[chunk.from + i];
    const text = typeof cell === 'number' ? textOfNumber(cell) : cell;
    into[i] = text === '' || text === null || text === undefined ? MISSING : texts.codeOf(text);
  }
};

/** Folds the texts of one column: pieces of rows, and profiles made elsewhere. */
export const createCategoryFold = (bins: CategoryBins) => {
  const texts = createTextCodes(bins.categories);
  const translation = createTranslation(texts);
  const counts = new Float64Array(texts.knownCount + 1);
  const distinct = new Uint8Array(COLUMN_REGISTERS);
  let others = NO_HITTERS;
  let absentCount = 0;
  let missingCount = 0;
  let fingerprint = 0;

  /** Moves what was counted by code to where it is kept. */
  const settle = (): void => {
    const othersSeen: [string, number][] = [];
    for (let code = 0; code < texts.codeCount(); code += 1) {
      const count = texts.seen[code] as number;
      if (count === 0) continue;
      addDistinct(distinct, INDEX_BITS, texts.hashes[code] as number);
      const bin = Math.min(code, texts.knownCount);
      counts[bin] = (counts[bin] as number) + count;
      if (code >= texts.knownCount) othersSeen.push([texts.textOf(code), count]);
    }
    if (othersSeen.length > 0) others = addHitters(others, othersSeen);
    texts.forget();
    translation.forget();
  };

  const countCodes = ({ length, rowHashes, rowWeights, codes }: FoldChunk): void => {
    const { seen, hashes } = texts;
    const empty = EMPTY_HASH | 0;
    let sum = fingerprint;
    for (let i = 0; i < length; i += 1) {
      const code = codes[i] as number;
      let hash = empty;
      if (code < 0) missingCount += 1;
      else {
        seen[code] = (seen[code] as number) + 1;
        hash = hashes[code] as number;
      }
      rowHashes[i] = addToRow(rowHashes[i] as number, hash);
      sum = (sum + Math.imul(hash, rowWeights[i] as number)) | 0;
    }
    fingerprint = sum;
  };

  const fold = (chunk: FoldChunk, data: ColumnData | undefined): void => {
    if (data === undefined || lengthOf(data) === 0) {
      absentCount += chunk.length;
      return;
    }
    if (texts.full()) settle();
    if (isDictionary(data)) translation.translate(chunk, data, chunk.codes);
    else translateTexts(texts, chunk, data, chunk.codes);
    countCodes(chunk);
  };

  const absorb = (profile: CategoryProfile): void => {
    absentCount += profile.absentCount;
    missingCount += profile.missingCount;
    fingerprint = (fingerprint + profile.fingerprint) | 0;
    addCounts(counts, profile.counts);
    absorbDistinct(distinct, profile.distinct);
    if (profile.others.total > 0) others = mergeHitters(others, profile.others);
  };

  const profile = (): CategoryProfile => {
    settle();
    return {
      name: bins.name,
      type: 'category',
      absentCount,
      missingCount,
      mistypedCount: 0,
      counts: counts.slice(),
      others,
      distinct: distinct.slice(),
      fingerprint,
    };
  };
  return { type: 'category', fold, absorb, profile } as const;
};
