import { assert } from '../../kernel/assert.ts';
import { fromItem, type Item, toItem } from './attribute-value.ts';
import type { IndexKey, Key } from './keys.ts';

/** Every item says what it is (`entityType`) and by which layout (`schemaVersion`). */

const SCHEMA_VERSION = 1;

type EntityType =
  | 'RegisteredModel'
  | 'ModelVersion'
  | 'RunVersion'
  | 'TrainingRun'
  | 'Rollout'
  | 'RolloutLease'
  | 'Deployment'
  | 'TrainingClaim'
  | 'LastTrainingStart'
  | 'LineageEdge';

export const entityFields = (entityType: EntityType): object => ({ entityType, schemaVersion: SCHEMA_VERSION });

export const encodeEntity = (entityType: EntityType, keys: Key & Partial<IndexKey>, fields: object): Item =>
  toItem({ ...keys, ...entityFields(entityType), ...fields });

/** The entity without what only the table needs. */
export const decodeEntity = <T extends object>(entityType: EntityType, item: Item): T => {
  const { pk, sk, gsi1pk, gsi1sk, entityType: storedType, schemaVersion, ...fields } = fromItem(item);
  assert(
    storedType === entityType && schemaVersion === SCHEMA_VERSION,
    `item ${String(pk)} ${String(sk)} is ${String(storedType)} of layout ${String(schemaVersion)}, expected ${entityType} of layout ${SCHEMA_VERSION}`,
  );
  return fields as T;
};
