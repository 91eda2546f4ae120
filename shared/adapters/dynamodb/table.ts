import {
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { InvalidRequestError } from '../../kernel/errors.ts';
import { callingService } from '../../kernel/unavailable.ts';
import { type Item, toItem } from './attribute-value.ts';
import { CONTENDED } from './contention.ts';
import type { Key } from './keys.ts';

/** What the stores of this folder ask of DynamoDB, with its errors told apart. */

export const createDynamoDbClient = (): DynamoDBClient => new DynamoDBClient({});

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
