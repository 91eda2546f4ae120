import { PROFILE_DELTAS_PREFIX, PROFILES_PREFIX } from '../../../shared/contracts/monitoring-keys.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import { listObjects, listObjectsUnder, readObjects, useItems, writeObjects } from '../permissions.ts';
import type { AddFunction, PlatformStackProps } from './stack-context.ts';

/** The functions that turn captured objects into profiles of days. */
export const addFolding = (
  add: AddFunction,
  props: PlatformStackProps,
): Readonly<Record<'plan-folds' | 'fold-captures' | 'profile-window', PlatformFunction>> => {
  const { data, artifacts, registry, lineage } = props.data;
  const DATA_BUCKET = data.bucket.bucketName;
  const ARTIFACT_BUCKET = artifacts.bucket.bucketName;
  const listCaptures = listObjectsUnder(data, 'capture/', PROFILE_DELTAS_PREFIX);
  return {
    'plan-folds': add('plan-folds', {
      description: 'Finds captured objects that are not folded yet',
      environment: { DATA_BUCKET, ARTIFACT_BUCKET, REGISTRY_TABLE: registry.table.tableName },
      statements: [...listCaptures, ...readObjects(artifacts, 'models/'), ...useItems(registry, 'GetItem')],
      timeoutSeconds: 120,
    }),
    'fold-captures': add('fold-captures', {
      description: 'Folds captured predictions into profiles',
      environment: { DATA_BUCKET, ARTIFACT_BUCKET },
      statements: [
        ...listCaptures,
        ...readObjects(data, 'capture/'),
        ...writeObjects(data, PROFILE_DELTAS_PREFIX),
        ...readObjects(artifacts, 'models/'),
      ],
      memoryMb: 1_769,
      timeoutSeconds: 900,
    }),
    'profile-window': add('profile-window', {
      description: 'Merges what was folded of a window into profiles of days',
      environment: { DATA_BUCKET, ARTIFACT_BUCKET, LINEAGE_TABLE: lineage.table.tableName },
      statements: [
        // Of the whole bucket: a day that was never merged is missing.
        ...listObjects(data),
        ...readObjects(data, 'capture/', PROFILE_DELTAS_PREFIX, PROFILES_PREFIX),
        ...writeObjects(data, PROFILES_PREFIX, 'compacted/', 'reports/'),
        ...readObjects(artifacts, 'models/'),
        ...useItems(lineage, 'UpdateItem'),
      ],
      memoryMb: 3_008,
      timeoutSeconds: 900,
    }),
  };
};
