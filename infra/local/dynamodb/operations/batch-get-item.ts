import { decodeItem, type Item } from '../attribute-value.ts';
import { type CapacityMode, type Consumption, capacityMode, consumedCapacities } from '../capacity.ts';
import { isThrottling } from '../capacity-meter.ts';
import type { Engine } from '../engine.ts';
import { validationError } from '../errors.ts';
import {
  acceptOnly,
  checkedName,
  type Input,
  isInput,
  optionalFlag,
  requiredList,
  requiredObject,
  requireLength,
} from '../input.ts';
import { type PreparedRead, performRead, type ReadOutcome } from '../prepared-read.ts';
import { readExpressions } from '../request-expressions.ts';
import { checkedKey } from '../table-schema.ts';

const MAX_KEYS = 100;
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
const ACCEPTED_PER_TABLE = ['Keys', 'ConsistentRead', 'ProjectionExpression', 'ExpressionAttributeNames'];

interface TableReads {
  readonly name: string;
  readonly request: Input;
  readonly consistent: boolean;
  readonly reads: readonly PreparedRead[];
}

const refuseDuplicates = (keys: readonly Item[]): void => {
  if (new Set(keys.map((key) => JSON.stringify(key))).size < keys.length) {
    throw validationError('Provided list of item keys contains duplicates');
  }
};

const prepareTable = (engine: Engine, name: string, request: unknown): TableReads => {
  if (!isInput(request)) throw validationError(`RequestItems.${name} must be a map`);
  acceptOnly('BatchGetItem RequestItems', request, ACCEPTED_PER_TABLE);
  const keys = requiredList(request, 'Keys');
  requireLength(`requestItems.${name}.member.keys`, keys.length, { min: 1, max: MAX_KEYS });
  const { projection } = readExpressions(request, ['ProjectionExpression']);
  const table = engine.table(checkedName(name, 'RequestItems'));
  const checked = keys.map((key) => checkedKey(decodeItem(key, 'Keys'), table.keys));
  refuseDuplicates(checked);
  return {
    name,
    request,
    consistent: optionalFlag(request, 'ConsistentRead') ?? false,
    reads: checked.map((key) => ({ table, key, projection })),
  };
};

const readOrLeave = (engine: Engine, read: PreparedRead, consistent: boolean): ReadOutcome | undefined => {
  try {
    return performRead(engine, read, { consistent });
  } catch (error) {
    if (isThrottling(error)) return undefined;
    throw error;
  }
};

/** Nothing at all could be read: that is an error, not an answer. */
const requireOne = (engine: Engine, [first]: readonly TableReads[]): void => {
  const [read] = first?.reads ?? [];
  if (read) performRead(engine, read, { consistent: false });
};

const readTables = (engine: Engine, tables: readonly TableReads[], mode: CapacityMode): unknown => {
  const responses: Record<string, Item[]> = {};
  const unprocessed: Record<string, unknown> = {};
  const consumptions: Consumption[] = [];
  let bytes = 0;
  for (const { name, request, consistent, reads } of tables) {
    const found: Item[] = [];
    const left: Item[] = [];
    for (const read of reads) {
      if (bytes >= MAX_RESPONSE_BYTES) {
        left.push(read.key);
        continue;
      }
      const outcome = readOrLeave(engine, read, consistent);
      if (outcome === undefined) {
        left.push(read.key);
        continue;
      }
      bytes += outcome.bytes;
      consumptions.push(outcome.consumption);
      if (outcome.item) found.push(outcome.item);
    }
    responses[name] = found;
    if (left.length > 0) unprocessed[name] = { ...request, Keys: left };
  }
  if (consumptions.length === 0) requireOne(engine, tables);
  return { Responses: responses, UnprocessedKeys: unprocessed, ...consumedCapacities(mode, consumptions) };
};

export const batchGetItem = (engine: Engine, input: Input): unknown => {
  acceptOnly('BatchGetItem', input, ['RequestItems', 'ReturnConsumedCapacity']);
  const mode = capacityMode(input);
  const requests = Object.entries(requiredObject(input, 'RequestItems'));
  requireLength('RequestItems', requests.length, { min: 1, max: MAX_KEYS });
  const tables = requests.map(([name, request]) => prepareTable(engine, name, request));
  if (tables.reduce((sum, { reads }) => sum + reads.length, 0) > MAX_KEYS) {
    throw validationError('Too many items requested for the BatchGetItem call');
  }
  return readTables(engine, tables, mode);
};
