import type { Item } from '../attribute-value.ts';
import type { Engine } from '../engine.ts';
import { validationError } from '../errors.ts';
import { expirySeconds } from '../expiry.ts';
import { acceptOnly, type Input, optionalFlag, requiredObject, requiredText } from '../input.ts';
import { namedTable } from '../named-table.ts';
import { keyOfItem, type TableRecord } from '../table-schema.ts';

/** Notes when every item of the table expires. */
const indexExpiries = (engine: Engine, table: TableRecord, attribute: string): void => {
  for (const row of engine.storage.rows(table.storageId).read({})) {
    const item = JSON.parse(row.item) as Item;
    const expiresAtSeconds = expirySeconds(item, attribute);
    if (expiresAtSeconds === undefined) continue;
    const key = JSON.stringify(keyOfItem(item, table.keys));
    engine.storage.setExpiry({ storageId: table.storageId, key, expiresAtSeconds });
  }
};

export const updateTimeToLive = (engine: Engine, input: Input): unknown => {
  acceptOnly('UpdateTimeToLive', input, ['TableName', 'TimeToLiveSpecification']);
  const table = namedTable(engine, input);
  const specification = requiredObject(input, 'TimeToLiveSpecification');
  const attribute = requiredText(specification, 'AttributeName');
  const enabled = optionalFlag(specification, 'Enabled') ?? false;
  if (enabled === (table.ttlAttribute !== undefined)) {
    throw validationError(`TimeToLive is already ${enabled ? 'enabled' : 'disabled'}`);
  }
  if (!enabled && table.ttlAttribute !== attribute) {
    throw validationError(
      `TimeToLive is active on a different AttributeName: current AttributeName is ${table.ttlAttribute}`,
    );
  }
  engine.transaction(() => {
    const { ttlAttribute: _, ...rest } = table;
    engine.saveTable(enabled ? { ...rest, ttlAttribute: attribute } : rest);
    if (enabled) indexExpiries(engine, table, attribute);
    else engine.storage.clearExpiries(table.storageId);
  });
  return { TimeToLiveSpecification: { AttributeName: attribute, Enabled: enabled } };
};

export const describeTimeToLive = (engine: Engine, input: Input): unknown => {
  acceptOnly('DescribeTimeToLive', input, ['TableName']);
  const { ttlAttribute } = namedTable(engine, input);
  return {
    TimeToLiveDescription:
      ttlAttribute === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: ttlAttribute },
  };
};
