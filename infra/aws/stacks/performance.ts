import { OUTCOMES_PREFIX } from '../../../shared/contracts/performance-report.ts';
import type { PlatformFunction } from '../constructs/platform-function.ts';
import { listObjectsUnder, publishEvents, readObjects, writeObjects } from '../permissions.ts';
import type { AddFunction, PlatformStackProps } from './stack-context.ts';

/** Joins labels to predictions and measures quality, as a step of the drift check. */
export const addMeasurePerformance = (
  add: AddFunction,
  { data: { data, artifacts, bus } }: PlatformStackProps,
): PlatformFunction =>
  add('measure-performance', {
    description: 'Joins labels to predictions and measures the quality of a model',
    environment: {
      DATA_BUCKET: data.bucket.bucketName,
      ARTIFACT_BUCKET: artifacts.bucket.bucketName,
      EVENT_BUS_NAME: bus.eventBusName,
    },
    statements: [
      ...listObjectsUnder(data, 'capture/', 'compacted/', OUTCOMES_PREFIX, 'reports/'),
      ...readObjects(data, 'capture/', 'compacted/', OUTCOMES_PREFIX, 'reports/*/performance/'),
      ...writeObjects(data, OUTCOMES_PREFIX, 'reports/*/performance/'),
      ...readObjects(artifacts, 'models/'),
      ...publishEvents(bus),
    ],
    // The followed predictions of all open days, some hundred bytes each.
    memoryMb: 3_008,
    timeoutSeconds: 600,
  });
