import type { EntityKey, EntityValues } from '../../core/features/index.ts';
import { UnavailableError } from '../../kernel/errors.ts';
import type { OnlineStore } from '../../ports/online-store.ts';
import type { Item } from './attribute-value.ts';
import { type RetryPacing, realPacing } from './contention.ts';
import { decodeEntity } from './entity.ts';
import type { Key } from './keys.ts';
import { entityValuesKey } from './online-keys.ts';

/** Attributes in DynamoDB's own form, by whichever client. */
type WireItem = Readonly<Record<string, object>>;

/** One BatchGetItem; `unprocessed` are keys. */
export type BatchGet = (
  table: string,
  keys: readonly Key[],
) => Promise<{ readonly items: readonly WireItem[]; readonly unprocessed: readonly WireItem[] }>;

interface Options {
  readonly table: string;
  readonly batchGet: BatchGet;
  readonly pacing?: RetryPacing;
}

const GET_BATCH = 100;
const READ_ATTEMPTS = 6;
const READ_FIRST_DELAY_MS = 5;

const readBatch = async (
  { table, batchGet, pacing = realPacing }: Options,
  keys: readonly Key[],
): Promise<readonly Item[]> => {
  const found: Item[] = [];
  let left = keys;
  for (let attempt = 1; ; attempt += 1) {
    const { items, unprocessed } = await batchGet(table, left);
    found.push(...(items as readonly Item[]));
    if (unprocessed.length === 0) return found;
    if (attempt === READ_ATTEMPTS) {
      throw new UnavailableError(`DynamoDB left ${unprocessed.length} entities unread in ${attempt} attempts`);
    }
    left = (unprocessed as readonly Item[]).map(({ pk, sk }) => ({ pk: pk?.S ?? '', sk: sk?.S ?? '' }));
    await pacing.sleep(pacing.random() * READ_FIRST_DELAY_MS * 2 ** attempt);
  }
};

const valuesOf = (item: Item): EntityValues => {
  const { values, eventAtMs, createdAtMs } = decodeEntity<EntityValues>('EntityValues', item);
  return { values, eventAtMs, createdAtMs };
};

/**
 * Reads entities from the online table, by whichever client. The reads are not consistent: they cost half, and a value is
 * as fresh as its materialization, not as the last millisecond.
 */
export const createOnlineReader = (options: Options): Pick<OnlineStore, 'read'> => ({
  read: async (model: string, keys: readonly EntityKey[]) => {
    const places = keys.map((key) => entityValuesKey(model, key));
    const batches = Array.from({ length: Math.ceil(places.length / GET_BATCH) }, (_, i) =>
      places.slice(i * GET_BATCH, (i + 1) * GET_BATCH),
    );
    const items = (await Promise.all(batches.map((batch) => readBatch(options, batch)))).flat();
    const byPartition = new Map(items.map((item) => [item.pk?.S, item]));
    return places.map(({ pk }) => {
      const item = byPartition.get(pk);
      return item && valuesOf(item);
    });
  },
});
