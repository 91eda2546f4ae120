import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  type KeysAndAttributes,
  QueryCommand,
  type QueryCommandInput,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { InvalidRequestError, UnavailableError } from '../../kernel/errors.ts';
import { callingService } from '../../kernel/unavailable.ts';
import { type Item, toItem } from './attribute-value.ts';
import { CONTENDED, type RetryPacing } from './contention.ts';
import type { Key } from './keys.ts';

/** What the stores of this folder ask of DynamoDB, with its errors told apart. */

/** Nobody adds middleware to it: the stack of each command is put together once, not at every call, which saves a tenth. */
export const createDynamoDbClient = (): DynamoDBClient => new DynamoDBClient({ cacheMiddleware: true });

const SERVICE = 'DynamoDB';
const MAX_PAGE_SIZE = 100;

export const call = <T>(work: () => Promise<T>): Promise<T> => callingService(SERVICE, work);

/** A consistent read. */
export const getItem = async (client: DynamoDBClient, table: string, key: Key): Promise<Item | undefined> => {
  const { Item: item } = await call(() =>
    client.send(new GetItemCommand({ TableName: table, Key: toItem(key), ConsistentRead: true })),
  );
  return item;
};

/** The same for those that ask for no client of the SDK's. */
export const itemReader =
  (client: DynamoDBClient) =>
  (table: string, key: Key): Promise<Item | undefined> =>
    getItem(client, table, key);

/** One page. @throws InvalidRequestError for a limit outside [1, 100]. */
export const queryPage = async (
  client: DynamoDBClient,
  input: QueryCommandInput & { readonly Limit: number },
): Promise<{ readonly items: readonly Item[]; readonly hasMore: boolean }> => {
  if (!Number.isInteger(input.Limit) || input.Limit < 1 || input.Limit > MAX_PAGE_SIZE) {
    throw new InvalidRequestError(`limit must be an integer in [1, ${MAX_PAGE_SIZE}], got ${input.Limit}`);
  }
  const { Items: items = [], LastEvaluatedKey } = await call(() => client.send(new QueryCommand(input)));
  return { items, hasMore: LastEvaluatedKey !== undefined };
};

/** At most `limit` items, over as many pages as they take (a page holds 1 MB), and whether more follow. */
export const queryItems = async (
  client: DynamoDBClient,
  input: QueryCommandInput,
  limit: number,
): Promise<{ readonly items: readonly Item[]; readonly hasMore: boolean }> => {
  const found: Item[] = [];
  let from = input.ExclusiveStartKey;
  do {
    const Limit = limit - found.length;
    const page = { ...input, Limit, ...(from === undefined ? {} : { ExclusiveStartKey: from }) };
    const { Items: items = [], LastEvaluatedKey } = await call(() => client.send(new QueryCommand(page)));
    found.push(...items);
    from = LastEvaluatedKey;
  } while (from !== undefined && found.length < limit);
  return { items: found, hasMore: from !== undefined };
};

const GET_BATCH = 100;
const WRITE_BATCH = 25;
const PARALLEL_BATCHES = 8;
const BATCH_ATTEMPTS = 8;
const BATCH_FIRST_DELAY_MS = 25;

/** Consistent reads of distinct keys, in no order; what does not exist is left out. @throws UnavailableError */
export const batchGetItems = async (
  { client, table, pacing }: BatchContext,
  keys: readonly Key[],
  read: Omit<KeysAndAttributes, 'Keys' | 'ConsistentRead'> = {},
): Promise<readonly Item[]> => {
  const found: Item[] = [];
  await inBatches(keys.map(toItem), GET_BATCH, pacing, async (Keys) => {
    const request = { RequestItems: { [table]: { ...read, Keys: [...Keys], ConsistentRead: true } } };
    const { Responses, UnprocessedKeys } = await call(() => client.send(new BatchGetItemCommand(request)));
    found.push(...(Responses?.[table] ?? []));
    return UnprocessedKeys?.[table]?.Keys ?? [];
  });
  return found;
};

/** Puts distinct items, each by itself: after an error some may be written. @throws UnavailableError */
export const batchPutItems = ({ client, table, pacing }: BatchContext, items: readonly Item[]): Promise<void> =>
  inBatches(
    items.map((Item): WriteRequest => ({ PutRequest: { Item } })),
    WRITE_BATCH,
    pacing,
    async (requests) => {
      const request = { RequestItems: { [table]: [...requests] } };
      const { UnprocessedItems } = await call(() => client.send(new BatchWriteItemCommand(request)));
      return UnprocessedItems?.[table] ?? [];
    },
  );

interface BatchContext {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly pacing: RetryPacing;
}

/** Sends batches, a few at once; what comes back unprocessed goes again after a wait drawn from a doubling bound. */
const inBatches = async <T>(
  all: readonly T[],
  size: number,
  pacing: RetryPacing,
  send: (batch: readonly T[]) => Promise<readonly T[]>,
): Promise<void> => {
  const batches = Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
  const sendWhole = async (batch: readonly T[]): Promise<void> => {
    let left = await send(batch);
    for (let attempts = 1; left.length > 0; attempts += 1) {
      if (attempts === BATCH_ATTEMPTS) {
        throw new UnavailableError(`DynamoDB left ${left.length} items unprocessed in ${attempts} attempts`);
      }
      await pacing.sleep(pacing.random() * BATCH_FIRST_DELAY_MS * 2 ** attempts);
      left = await send(left);
    }
  };
  const lanes = Array.from({ length: Math.min(PARALLEL_BATCHES, batches.length) }, async () => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) await sendWhole(batch);
  });
  await Promise.all(lanes);
};

/** Why one action of a transaction did not pass, with the item that stood in its way if it asked for it. */
interface Refusal {
  readonly refused: boolean;
  readonly item?: Item;
}

export type TransactionOutcome =
  | { readonly outcome: 'written' }
  /** Another transaction holds an item: nothing was decided, try again. */
  | { readonly outcome: 'contended' }
  /** At least one condition was false; one entry per action, in order. */
  | { readonly outcome: 'refused'; readonly refusals: readonly Refusal[] };

interface CancellationReason {
  readonly Code?: string | undefined;
  readonly Item?: Item | undefined;
}

/**
 * Writes all actions or none.
 * Contention on one item outranks a refused condition on another: what stands on the first is not known, and it may be
 * what explains the second.
 */
export const transact = async (
  client: DynamoDBClient,
  actions: readonly TransactWriteItem[],
): Promise<TransactionOutcome> => {
  try {
    await call(() => client.send(new TransactWriteItemsCommand({ TransactItems: [...actions] })));
    return { outcome: 'written' };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const reasons = cancellationReasons(error);
    if (isContended(error, reasons)) return { outcome: 'contended' };
    const refusals = reasons.map(({ Code, Item: item }) => ({
      refused: Code === 'ConditionalCheckFailed',
      ...(item === undefined ? {} : { item }),
    }));
    if (refusals.some(({ refused }) => refused)) return { outcome: 'refused', refusals };
    throw error;
  }
};

/** Items as they were together, in the order of their keys; undefined for one that does not exist. */
export const getItemsTogether = async (
  client: DynamoDBClient,
  table: string,
  keys: readonly Key[],
): Promise<readonly (Item | undefined)[] | typeof CONTENDED> => {
  const gets = keys.map((key) => ({ Get: { TableName: table, Key: toItem(key) } }));
  try {
    const { Responses = [] } = await call(() => client.send(new TransactGetItemsCommand({ TransactItems: gets })));
    return keys.map((_, index) => Responses[index]?.Item);
  } catch (error) {
    if (error instanceof Error && isContended(error, cancellationReasons(error))) return CONTENDED;
    throw error;
  }
};

const CONTENTION_CODES = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

const cancellationReasons = (error: Error): readonly CancellationReason[] =>
  error.name === 'TransactionCanceledException' && 'CancellationReasons' in error
    ? ((error.CancellationReasons as readonly CancellationReason[] | undefined) ?? [])
    : [];

const isContended = (error: Error, reasons: readonly CancellationReason[]): boolean =>
  error.name === 'TransactionInProgressException' || reasons.some(({ Code }) => CONTENTION_CODES.has(Code ?? ''));
