import { type Input, optionalChoice } from './input.ts';

/** Capacity as AWS bills it: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html */
export type CapacityMode = 'NONE' | 'TOTAL' | 'INDEXES';

export const capacityMode = (input: Input): CapacityMode =>
  optionalChoice(input, 'ReturnConsumedCapacity', ['INDEXES', 'TOTAL', 'NONE']) ?? 'NONE';

export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);

export const writeUnits = (beforeBytes: number, afterBytes: number): number =>
  Math.max(1, Math.ceil(Math.max(beforeBytes, afterBytes) / 1024));

export interface Consumption {
  readonly tableName: string;
  readonly tableUnits: number;
  /** Of global indexes, by name. */
  readonly indexUnits?: Readonly<Record<string, number>>;
  /** Of local indexes, by name. */
  readonly localIndexUnits?: Readonly<Record<string, number>>;
  /** Transactions say which kind of units they took. */
  readonly kind?: 'read' | 'write';
}

const unitsOf = (units: number, kind: Consumption['kind']): Readonly<Record<string, number>> => ({
  CapacityUnits: units,
  ...(kind === 'read' ? { ReadCapacityUnits: units } : {}),
  ...(kind === 'write' ? { WriteCapacityUnits: units } : {}),
});

const describe = (mode: CapacityMode, consumption: Consumption): unknown => {
  const { tableName, tableUnits, indexUnits = {}, localIndexUnits = {}, kind } = consumption;
  const total = [...Object.values(indexUnits), ...Object.values(localIndexUnits)].reduce(
    (sum, units) => sum + units,
    tableUnits,
  );
  const whole = { TableName: tableName, ...unitsOf(total, kind) };
  if (mode !== 'INDEXES') return whole;
  const listed = (name: string, byIndex: Readonly<Record<string, number>>) => {
    const entries = Object.entries(byIndex).map(([index, units]) => [index, unitsOf(units, kind)]);
    return entries.length > 0 ? { [name]: Object.fromEntries(entries) } : {};
  };
  return {
    ...whole,
    Table: unitsOf(tableUnits, kind),
    ...listed('LocalSecondaryIndexes', localIndexUnits),
    ...listed('GlobalSecondaryIndexes', indexUnits),
  };
};

/** `{ ConsumedCapacity }` of an operation on one table; empty when not asked for. */
export const consumedCapacity = (mode: CapacityMode, consumption: Consumption): Readonly<Record<string, unknown>> =>
  mode === 'NONE' ? {} : { ConsumedCapacity: describe(mode, consumption) };

const add = (
  left: Readonly<Record<string, number>>,
  right: Readonly<Record<string, number>>,
): Record<string, number> => {
  const sum = { ...left };
  for (const [name, units] of Object.entries(right)) sum[name] = (sum[name] ?? 0) + units;
  return sum;
};

/** `{ ConsumedCapacity }` of an operation on several tables: a list with one entry a table. */
export const consumedCapacities = (
  mode: CapacityMode,
  consumptions: readonly Consumption[],
): Readonly<Record<string, unknown>> => {
  if (mode === 'NONE') return {};
  const byTable = new Map<string, Consumption>();
  for (const one of consumptions) {
    const sum = byTable.get(one.tableName);
    byTable.set(one.tableName, {
      ...one,
      tableUnits: (sum?.tableUnits ?? 0) + one.tableUnits,
      indexUnits: add(sum?.indexUnits ?? {}, one.indexUnits ?? {}),
      localIndexUnits: add(sum?.localIndexUnits ?? {}, one.localIndexUnits ?? {}),
    });
  }
  return { ConsumedCapacity: [...byTable.values()].map((one) => describe(mode, one)) };
};
