/** JSON whose numbers may be infinite, for attributes that are read whole. DynamoDB's own numbers end at 1e126. */

interface InfiniteNumber {
  readonly $infinite: 1 | -1;
}

const isInfiniteNumber = (value: unknown): value is InfiniteNumber =>
  typeof value === 'object' && value !== null && '$infinite' in value;

export const packJson = (value: unknown): string =>
  JSON.stringify(value, (_, one: unknown) =>
    one === Number.POSITIVE_INFINITY || one === Number.NEGATIVE_INFINITY ? { $infinite: Math.sign(one) } : one,
  );

export const unpackJson = (text: string): unknown =>
  JSON.parse(text, (_, one: unknown) => (isInfiniteNumber(one) ? one.$infinite * Number.POSITIVE_INFINITY : one));
