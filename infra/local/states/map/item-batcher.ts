import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { ItemBatcher } from '../definition/types.ts';
import { evaluateNumber, evaluateTemplate } from '../query/evaluate.ts';
import { queryScope, type Visit } from '../run/frame.ts';
import { PAYLOAD_BYTES } from '../run/limits.ts';

export interface Batch {
  readonly input: JsonValue;
  readonly itemCount: number;
}

/** Groups of items that respect both limits; an item larger than the byte limit stands alone. */
export const groupItems = (
  items: readonly JsonValue[],
  limits: { readonly maxItems: number; readonly maxBytes: number },
): readonly (readonly JsonValue[])[] => {
  const groups: JsonValue[][] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(JSON.stringify(item)) + 1;
    const current = groups.at(-1);
    if (!current || current.length >= limits.maxItems || bytes + size > limits.maxBytes) {
      groups.push([item]);
      bytes = size;
    } else {
      current.push(item);
      bytes += size;
    }
  }
  return groups;
};

/** The inputs of the child executions: one item each, or `{ Items, BatchInput }` with an ItemBatcher. */
export const batchItems = async (
  batcher: ItemBatcher | undefined,
  items: readonly JsonValue[],
  visit: Visit,
): Promise<readonly Batch[]> => {
  if (!batcher) return items.map((input) => ({ input, itemCount: 1 }));
  const scope = queryScope(visit);
  const number = (field: 'MaxItemsPerBatch' | 'MaxInputBytesPerBatch', fallback: number): Promise<number> =>
    evaluateNumber(batcher[field] ?? fallback, `ItemBatcher/${field}`, scope, { min: 1, max: fallback });
  const shared =
    batcher.BatchInput === undefined
      ? undefined
      : await evaluateTemplate(batcher.BatchInput, 'ItemBatcher/BatchInput', scope);
  const envelope = Buffer.byteLength(JSON.stringify({ Items: [], BatchInput: shared }));
  const groups = groupItems(items, {
    maxItems: await number('MaxItemsPerBatch', 100_000_000),
    maxBytes: (await number('MaxInputBytesPerBatch', PAYLOAD_BYTES)) - envelope,
  });
  return groups.map((Items) => ({
    input: shared === undefined ? { Items } : { Items, BatchInput: shared },
    itemCount: Items.length,
  }));
};
