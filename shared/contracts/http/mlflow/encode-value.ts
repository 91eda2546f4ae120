/** Pieces of MLflow's answers: protobuf in JSON, where a double may be no number of JSON's and an empty list is left out. */

/** `"NaN"` for NaN, and for infinities the largest finite doubles, as MLflow answers them. */
export const encodeDouble = (value: number): number | 'NaN' => {
  if (Number.isNaN(value)) return 'NaN';
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
};

/** The list under its name; nothing when it is empty. */
export const listed = <Name extends string, T>(
  name: Name,
  items: readonly T[],
): { readonly [name in Name]?: readonly T[] } =>
  (items.length === 0 ? {} : { [name]: items }) as { readonly [name in Name]?: readonly T[] };

interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** Tags or params as MLflow lists them. */
export const encodeKeyValues = (values: Readonly<Record<string, string>>): readonly KeyValue[] =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

const encoder = new TextEncoder();

/** Bytes that a message takes in an answer: its JSON in UTF-8. */
export const answerBytes = (message: unknown): number => encoder.encode(JSON.stringify(message)).byteLength;

/**
 * What the lists of one answer may take together, even for a client that takes nothing compressed: a Lambda answers with
 * 6 MiB at most, and bytes are in it as base64.
 */
export const ANSWER_LIMIT_BYTES = 4_400_000;
