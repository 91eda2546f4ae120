import type { Construct } from 'constructs';
import { DEFAULT_WORKSPACE } from '../../../shared/contracts/registry.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import { publishEvents, readObjects, useItems, useItemsUnder, writeObjects } from '../permissions.ts';
import { functionAdder, type PlatformStackProps } from './stack-context.ts';

/** Where MLflow's clients find the pipelines' runs. */
const TRACKED = `W/${DEFAULT_WORKSPACE}/`;
const TRACKED_VALUES = `tracking/${DEFAULT_WORKSPACE}/values/`;
/** What creating and changing a run may need; one with many params or metrics takes the batches and queries. */
const TRACKING_ACTIONS = [
  'GetItem',
  'BatchGetItem',
  'Query',
  'ConditionCheckItem',
  'PutItem',
  'DeleteItem',
  'BatchWriteItem',
] as const;

/** The step that begins and ends each run on record. */
export const addRecordRun = (scope: Construct, props: PlatformStackProps): PlatformFunction => {
  const { artifacts, registry, tracking, bus } = props.data;
  return functionAdder(scope, props)('record-run', {
    description: 'Records the start and the end of a run, and shows it to MLflow’s clients',
    environment: {
      REGISTRY_TABLE: registry.table.tableName,
      TRACKING_TABLE: tracking.table.tableName,
      ARTIFACT_BUCKET: artifacts.bucket.bucketName,
      EVENT_BUS_NAME: bus.eventBusName,
    },
    statements: [
      // A client's version is read for what is noted on it.
      ...useItems(registry, 'GetItem', 'PutItem', 'UpdateItem'),
      ...useItemsUnder(tracking, TRACKED, ...TRACKING_ACTIONS),
      // A trainer's metrics, and values of a run that are too large for an item.
      ...readObjects(artifacts, 'runs/', TRACKED_VALUES),
      ...writeObjects(artifacts, TRACKED_VALUES),
      ...publishEvents(bus),
    ],
  });
};
