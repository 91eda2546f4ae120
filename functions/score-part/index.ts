import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createObjectRanges } from '../../shared/adapters/s3/object-ranges.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['ARTIFACT_BUCKET', 'DATA_BUCKET']);
const client = createS3Client();

export const handler = createHandler({
  artifacts: createArtifactStore({ client, bucket: env.ARTIFACT_BUCKET }),
  data: createArtifactStore({ client, bucket: env.DATA_BUCKET }),
  ranges: createObjectRanges({ client, bucket: env.DATA_BUCKET }),
  runtime: createModelRuntime(),
  openEngine: (spillFolder) => openDuckDb({ spillFolder, memoryLimitMb: 512 }),
  peakMemoryMb: () => Math.round(process.resourceUsage().maxRSS / 1_024),
});
