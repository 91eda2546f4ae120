import { hashText } from '../profiles/index.ts';

/** 64 bits that stand for a prediction's id: of a hundred million ids two share them once in three thousand times. */
export interface IdHash {
  readonly high: number;
  readonly low: number;
}

export const hashId = (id: string): IdHash => ({ high: hashText(id, 1), low: hashText(id, 2) });

export interface IdTable {
  readonly size: number;
  /** The value that stands for an id. */
  get(high: number, low: number): number | undefined;
  set(high: number, low: number, value: number): void;
}

const FIRST_SLOTS = 1_024;

/** Values of at least 0 by id, in flat arrays: some 16 bytes an id, where a Map of texts takes a hundred. */
export const createIdTable = (): IdTable => {
  let highs = new Int32Array(FIRST_SLOTS);
  let lows = new Int32Array(FIRST_SLOTS);
  let values = new Float64Array(FIRST_SLOTS).fill(-1);
  let size = 0;

  /** The slot of an id, or the free one where it belongs. */
  const slotOf = (high: number, low: number): number => {
    const mask = values.length - 1;
    let slot = (high ^ (low >>> 7)) & mask;
    while ((values[slot] as number) >= 0 && (highs[slot] !== high || lows[slot] !== low)) slot = (slot + 1) & mask;
    return slot;
  };

  const place = (high: number, low: number, value: number): void => {
    const slot = slotOf(high, low);
    if ((values[slot] as number) < 0) size += 1;
    highs[slot] = high;
    lows[slot] = low;
    values[slot] = value;
  };

  const grow = (): void => {
    const [oldHighs, oldLows, oldValues] = [highs, lows, values];
    const slots = 2 * oldValues.length;
    highs = new Int32Array(slots);
    lows = new Int32Array(slots);
    values = new Float64Array(slots).fill(-1);
    size = 0;
    oldValues.forEach((value, slot) => {
      if (value >= 0) place(oldHighs[slot] as number, oldLows[slot] as number, value);
    });
  };

  return {
    get size() {
      return size;
    },
    get: (high, low) => {
      const value = values[slotOf(high, low)] as number;
      return value < 0 ? undefined : value;
    },
    set: (high, low, value) => {
      if (2 * (size + 1) > values.length) grow();
      place(high, low, value);
    },
  };
};

/** Predictions by id, and when each was made. Rows in the order in which they were added. */
export interface PredictionIndex {
  readonly rowCount: number;
  readonly highs: Int32Array;
  readonly lows: Int32Array;
  readonly atMs: Float64Array;
}

export interface IndexBuilder {
  add(id: IdHash, atMs: number): void;
  index(): PredictionIndex;
}

export const createIndexBuilder = (): IndexBuilder => {
  let room = 256;
  let rowCount = 0;
  let highs = new Int32Array(room);
  let lows = new Int32Array(room);
  let atMs = new Float64Array(room);

  const reserve = (): void => {
    if (rowCount < room) return;
    room *= 2;
    const grown = { highs: new Int32Array(room), lows: new Int32Array(room), atMs: new Float64Array(room) };
    grown.highs.set(highs);
    grown.lows.set(lows);
    grown.atMs.set(atMs);
    ({ highs, lows, atMs } = grown);
  };

  return {
    add: ({ high, low }, at) => {
      reserve();
      highs[rowCount] = high;
      lows[rowCount] = low;
      atMs[rowCount] = at;
      rowCount += 1;
    },
    index: () => ({
      rowCount,
      highs: highs.slice(0, rowCount),
      lows: lows.slice(0, rowCount),
      atMs: atMs.slice(0, rowCount),
    }),
  };
};
