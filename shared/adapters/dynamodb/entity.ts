import { assert } from '../../kernel/assert.ts';
import { InvalidStateError } from '../../kernel/errors.ts';
import { fromItem, type Item, toItem } from './attribute-value.ts';
import type { IndexKey, Key } from './keys.ts';

/** Every item says what it is (`entityType`) and by which layout (`schemaVersion`). */

export type EntityType =
  | 'RegisteredModel'
  | 'ModelVersion'
  | 'ModelEntry'
  | 'RegistryTag'
  | 'RemovedModel'
  | 'RunVersion'
  | 'TrainingRun'
  | 'Rollout'
  | 'RolloutLease'
  | 'RolloutEvidence'
  | 'RolloutLook'
  | 'Deployment'
  | 'TrainingClaim'
  | 'LastTrainingStart'
  | 'LineageEdge'
  | 'AuditRecord'
  | 'AuditHead'
  | 'AuditVersionMarker'
  | 'TrackingToken'
  | 'TrackingTokenName'
  | 'Experiment'
  | 'ExperimentName'
  | 'ClosedGate'
  | 'Run'
  | 'RunMetrics'
  | 'RunDataset'
  | 'RunHeader'
  | 'HotRun'
  | 'MetricChunk'
  | 'LoggedModel'
  | 'LoggedModelHome'
  | 'LoggedModelOfRun'
  | 'Trace'
  | 'TraceEntry'
  | 'TraceSpans'
  | 'Webhook'
  | 'WebhookDelivery'
  | 'GarbageMark'
  | 'EntityValues'
  | 'Materialization'
  | 'VersionEvaluation'
  | 'Attestation'
  | 'VersionComment'
  | 'RoutingPlan'
  | 'RoutingRoster'
  | 'VersionCommentId'
  | 'DailyUsage'
  | 'ShadowDay'
  | 'Notification'
  | 'UsageProgress';

type Fields = Readonly<Record<string, unknown>>;
/** One layout's fields as the next layout has them. Pure: an item is upgraded whenever it is read, and stays as it is. */
export type LayoutUpgrade = (fields: Fields) => Fields;

/**
 * The way from each layout to the next; the newest is one more than there are steps. A field that may be absent needs no
 * step. A step needs two releases, because functions of both run while one is deployed: the first reads the new layout,
 * the second writes it.
 */
const UPGRADES: Readonly<Record<EntityType, readonly LayoutUpgrade[]>> = {
  RegisteredModel: [],
  ModelVersion: [],
  ModelEntry: [],
  RegistryTag: [],
  RemovedModel: [],
  RunVersion: [],
  TrainingRun: [],
  Rollout: [],
  RolloutLease: [],
  RolloutEvidence: [],
  RolloutLook: [],
  Deployment: [],
  TrainingClaim: [],
  LastTrainingStart: [],
  LineageEdge: [],
  AuditRecord: [],
  AuditHead: [],
  AuditVersionMarker: [],
  TrackingToken: [],
  TrackingTokenName: [],
  Experiment: [],
  ExperimentName: [],
  ClosedGate: [],
  Run: [],
  RunMetrics: [],
  RunDataset: [],
  RunHeader: [],
  HotRun: [],
  MetricChunk: [],
  LoggedModel: [],
  LoggedModelHome: [],
  LoggedModelOfRun: [],
  Trace: [],
  TraceEntry: [],
  TraceSpans: [],
  Webhook: [],
  WebhookDelivery: [],
  GarbageMark: [],
  EntityValues: [],
  Materialization: [],
  VersionEvaluation: [],
  Attestation: [],
  VersionComment: [],
  VersionCommentId: [],
  RoutingPlan: [],
  RoutingRoster: [],
  DailyUsage: [],
  ShadowDay: [],
  Notification: [],
  UsageProgress: [],
};

/**
 * @param from layout of the fields, from 1.
 * @throws InvalidStateError for a layout that only a newer release knows.
 */
export const upgradeFields = (
  fields: Fields,
  from: number,
  upgrades: readonly LayoutUpgrade[],
  what: string,
): Fields => {
  const newest = upgrades.length + 1;
  assert(Number.isInteger(from) && from >= 1, `${what} has no layout, its schemaVersion is ${from}`);
  if (from > newest) {
    throw new InvalidStateError(
      `${what} was written by a newer release: it has layout ${from}, this release reads up to ${newest}`,
    );
  }
  return upgrades.slice(from - 1).reduce((upgraded, upgrade) => upgrade(upgraded), fields);
};

export const entityFields = (entityType: EntityType): object => ({
  entityType,
  schemaVersion: UPGRADES[entityType].length + 1,
});

export const encodeEntity = (entityType: EntityType, keys: Key & Partial<IndexKey>, fields: object): Item =>
  toItem({ ...keys, ...entityFields(entityType), ...fields });

/**
 * The entity without what only the table needs, in today's layout whatever layout it was stored in.
 * @throws InvalidStateError for an item of a newer release.
 */
export const decodeEntity = <T extends object>(entityType: EntityType, item: Item): T => {
  const { pk, sk, gsi1pk, gsi1sk, entityType: storedType, schemaVersion, ...fields } = fromItem(item);
  return upgradeEntity(entityType, { pk, sk, storedType, schemaVersion }, fields) as T;
};

/** The same of an entity whose fields are packed into one attribute, once they are unpacked. */
export const decodePackedEntity = <T extends object>(entityType: EntityType, item: Item, fields: Fields): T => {
  const { pk, sk, entityType: storedType, schemaVersion } = item;
  const about = { pk: pk?.S, sk: sk?.S, storedType: storedType?.S, schemaVersion: schemaVersion?.N };
  return upgradeEntity(entityType, about, fields) as T;
};

const upgradeEntity = (
  entityType: EntityType,
  { pk, sk, storedType, schemaVersion }: Readonly<Record<'pk' | 'sk' | 'storedType' | 'schemaVersion', unknown>>,
  fields: Fields,
): Fields => {
  const what = `item ${String(pk)} ${String(sk)}`;
  assert(storedType === entityType, `${what} is ${String(storedType)}, expected ${entityType}`);
  return upgradeFields(fields, Number(schemaVersion), UPGRADES[entityType], what);
};
