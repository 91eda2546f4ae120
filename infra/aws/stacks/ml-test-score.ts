import type { PlatformFunction } from '../constructs/platform-function.ts';
import { listObjects, readObjects, useItems, writeObjects } from '../permissions.ts';
import type { AddFunction, PlatformStackProps } from './stack-context.ts';

/** Scores a model's tests from what is on record, when it is checked for drift. */
export const addScoreModelTests = (
  add: AddFunction,
  { data: { data, artifacts, registry } }: PlatformStackProps,
): PlatformFunction =>
  add('score-model-tests', {
    description: 'Scores the tests of a model from what is on record',
    environment: {
      REGISTRY_TABLE: registry.table.tableName,
      DATA_BUCKET: data.bucket.bucketName,
      ARTIFACT_BUCKET: artifacts.bucket.bucketName,
    },
    statements: [
      // Of the whole buckets: what is not on record is told as missing, and counts for nothing.
      ...listObjects(data),
      ...readObjects(data, 'reports/', 'capture/'),
      ...writeObjects(data, 'reports/*/ml-test-score/'),
      ...listObjects(artifacts),
      ...readObjects(artifacts, 'models/', 'runs/', 'rollouts/'),
      ...useItems(registry, 'GetItem', 'Query'),
    ],
    memoryMb: 1_024,
    timeoutSeconds: 120,
  });
