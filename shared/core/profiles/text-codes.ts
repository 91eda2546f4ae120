import { hashText } from './hash.ts';

/** Texts beyond the known ones that are counted exactly at once. */
const MAX_OTHERS = 8_192;
/** A batch adds no more between two looks at `full`. */
const MAX_ADDED = 4_096;
const SLOTS = 256;

export interface TextCodes {
  readonly knownCount: number;
  /** By code. */
  readonly hashes: Int32Array;
  /** Rows by code; whoever uses the codes counts. */
  readonly seen: Float64Array;
  codeOf(text: string): number;
  textOf(code: number): string;
  codeCount(): number;
  /** Whether it is time to forget. */
  full(): boolean;
  /** Forgets all but the known texts, and every count. */
  forget(): void;
}

/** Where a text is looked for first; texts of a column seldom share length, first and last character. */
const slotOf = (text: string): number => {
  const length = text.length;
  return (
    (Math.imul(length, 31) + Math.imul(text.charCodeAt(0), 7) + Math.imul(text.charCodeAt(length - 1), 13)) &
    (SLOTS - 1)
  );
};

/** Numbers for texts: first the known ones in their order, then others as they come. */
export const createTextCodes = (known: readonly string[]): TextCodes => {
  const texts: string[] = [...known];
  const codeByText = new Map(texts.map((text, code) => [text, code]));
  const size = known.length + MAX_OTHERS + MAX_ADDED;
  const hashes = new Int32Array(size);
  const seen = new Float64Array(size);
  // A map must hash a text before it finds it; most texts are found by comparing with one.
  const slotTexts = new Array<string>(SLOTS).fill('');
  const slotCodes = new Int32Array(SLOTS);
  known.forEach((text, code) => {
    hashes[code] = hashText(text);
  });

  const find = (text: string): number => {
    const found = codeByText.get(text);
    if (found !== undefined) return found;
    const code = texts.length;
    texts.push(text);
    codeByText.set(text, code);
    hashes[code] = hashText(text);
    return code;
  };

  const codeOf = (text: string): number => {
    const slot = slotOf(text);
    if (slotTexts[slot] === text) return slotCodes[slot] as number;
    const code = find(text);
    slotTexts[slot] = text;
    slotCodes[slot] = code;
    return code;
  };

  const forget = (): void => {
    seen.fill(0, 0, texts.length);
    for (const text of texts.splice(known.length)) codeByText.delete(text);
    slotTexts.fill('');
  };
  return {
    knownCount: known.length,
    hashes,
    seen,
    codeOf,
    textOf: (code) => texts[code] ?? '',
    codeCount: () => texts.length,
    full: () => texts.length > known.length + MAX_OTHERS,
    forget,
  };
};
