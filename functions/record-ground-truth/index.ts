import { readFileSync } from 'node:fs';
import { createCaptureStream } from '../../shared/adapters/firehose/capture-stream.ts';
import { createFirehoseClient, createPutRecords } from '../../shared/adapters/firehose/put-records.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definitionsPath, readEnv } from '../../shared/contracts/env.ts';
import { captureStreamName } from '../../shared/contracts/names.ts';
import { createHandler } from './handler.ts';

const env = readEnv(['STAGE']);
const putRecords = createPutRecords(createFirehoseClient());

export const handler = createHandler({
  definitions: parseDefinitions(readFileSync(definitionsPath(), 'utf8')),
  streamOf: (model) => createCaptureStream(putRecords, captureStreamName(env.STAGE, model)),
  clock: { nowMs: () => Date.now() },
});
