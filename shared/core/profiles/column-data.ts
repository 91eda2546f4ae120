/** Texts by their place in a dictionary, as columnar files hold them; a code outside the dictionary is missing. */
export interface DictionaryColumn {
  readonly codes: Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;
  readonly dictionary: readonly string[];
}

export type NumberColumn = Float64Array | Float32Array | Int32Array;

/** A text is missing when it is null or empty. */
export type TextColumn = readonly (string | null | undefined)[];

/** A decoded column. A number is missing when it is NaN. */
export type ColumnData = NumberColumn | TextColumn | DictionaryColumn;

/** A cell of a captured row: null, NaN, the empty text and nothing all mean missing. */
export type CellValue = string | number | boolean | null | undefined;

export const isNumberArray = (data: ColumnData): data is NumberColumn => ArrayBuffer.isView(data);

export const isDictionary = (data: ColumnData): data is DictionaryColumn => 'dictionary' in data;

export const lengthOf = (data: ColumnData): number => (isDictionary(data) ? data.codes.length : data.length);

/** NaN for what is no number. */
export const numberAt = (data: ColumnData, row: number): number =>
  isNumberArray(data) ? (data[row] ?? Number.NaN) : Number.NaN;

/** The empty text for what is missing; numbers as they print. */
export const textAt = (data: ColumnData, row: number): string => {
  if (isDictionary(data)) return data.dictionary[data.codes[row] ?? -1] ?? '';
  const value = data[row];
  return typeof value === 'number' ? textOfNumber(value) : (value ?? '');
};

export const textOfNumber = (value: number): string => (Number.isNaN(value) ? '' : String(value));
