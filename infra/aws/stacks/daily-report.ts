import { PROFILES_PREFIX } from '../../../shared/contracts/monitoring-keys.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import { listObjects, publishEvents, readObjects, useItems, writeObjects } from '../permissions.ts';
import type { AddFunction, PlatformStackProps } from './stack-context.ts';

/** Runs the test suite of a model's day and writes the day's report, as a step of the drift check. */
export const addWriteDailyReport = (
  add: AddFunction,
  { data: { data, artifacts, registry, bus } }: PlatformStackProps,
): PlatformFunction =>
  add('write-daily-report', {
    description: 'Tests a day of a model and reports on it',
    environment: {
      REGISTRY_TABLE: registry.table.tableName,
      DATA_BUCKET: data.bucket.bucketName,
      ARTIFACT_BUCKET: artifacts.bucket.bucketName,
      EVENT_BUS_NAME: bus.eventBusName,
    },
    statements: [
      ...readObjects(data, 'reports/', PROFILES_PREFIX),
      ...readObjects(artifacts, 'models/', 'runs/'),
      // What an earlier check did not leave is told as missing: only to who may list the bucket.
      ...listObjects(data),
      ...listObjects(artifacts),
      ...writeObjects(data, 'reports/'),
      ...useItems(registry, 'GetItem', 'Query'),
      ...publishEvents(bus),
    ],
    // Once a version, each day of its reference is held to all others.
    memoryMb: 2_048,
    timeoutSeconds: 120,
  });
