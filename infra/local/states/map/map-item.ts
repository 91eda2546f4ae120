import type { JsonValue } from '../../../../shared/kernel/json.ts';

/** One item of a Map, with what `$states.context.Map.Item` tells of it. */
export interface MapItem {
  readonly value: JsonValue;
  /** Where the items come from an object: the member's name. */
  readonly key?: string;
  /** `STATE_DATA`, or the S3 URI of the data set. */
  readonly source: string;
}

/** The items of a collection: the elements of an array, or the members of an object. Undefined for anything else. */
export const itemsIn = (value: JsonValue, source: string): readonly MapItem[] | undefined => {
  if (Array.isArray(value)) return value.map((item) => ({ value: item, source }));
  if (value === null || typeof value !== 'object') return undefined;
  return Object.entries(value).map(([key, Value]) => ({ value: { Key: key, Value } as JsonValue, key, source }));
};

/** `$states.context.Map` inside an iteration or an ItemSelector. */
export const mapContextOf = ({ value, key, source }: MapItem, index: number): JsonValue => ({
  Item: { Index: index, Value: value, ...(key === undefined ? {} : { Key: key }), Source: source },
});
