import type { PlatformFunction } from '../constructs/platform-function.ts';
import { listObjects, readObjects, useItems, writeObjects } from '../permissions.ts';
import type { AddFunction, PlatformStackProps } from './stack-context.ts';

/** Writes the pages of a model and of the fleet at the end of each drift check. */
export const addRenderPages = (
  add: AddFunction,
  { data: { data, artifacts, registry, lineage } }: PlatformStackProps,
): PlatformFunction =>
  add('render-pages', {
    description: 'Writes the page of a model and that of all models',
    environment: {
      REGISTRY_TABLE: registry.table.tableName,
      LINEAGE_TABLE: lineage.table.tableName,
      DATA_BUCKET: data.bucket.bucketName,
      ARTIFACT_BUCKET: artifacts.bucket.bucketName,
    },
    statements: [
      ...readObjects(data, 'reports/', 'pages/summaries/'),
      // Days without a report and models without a row yet are told by keys that are missing, and only who may list the
      // whole bucket is told so.
      ...listObjects(data),
      ...writeObjects(data, 'pages/'),
      ...readObjects(artifacts, 'runs/'),
      ...listObjects(artifacts),
      ...useItems(registry, 'GetItem', 'Query'),
      ...useItems(lineage, 'Query'),
    ],
    memoryMb: 1_024,
    timeoutSeconds: 60,
  });
