import { readFileSync } from 'node:fs';
import { createCaptureStream, createFirehoseClient } from '../../shared/adapters/firehose/capture-stream.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { captureStreamName } from '../../shared/contracts/names.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['STAGE']);
const client = createFirehoseClient();

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  streamOf: (model) => createCaptureStream(client, captureStreamName(env.STAGE, model)),
  clock: { nowMs: () => Date.now() },
});
