import { writeSync } from 'node:fs';
import { createDynamoDbService } from '../../infra/local/dynamodb/service.ts';
import { createS3Service } from '../../infra/local/s3/service.ts';
import { startLocalService } from './local-service.ts';

/**
 * Tables and objects in a process of their own, on a state folder that outlives it, for a test that kills it. Says
 * where it answers as one line on the standard output.
 */
const [folder = ''] = process.argv.slice(2);
/** A killed test leaves no process behind. */
const LONGEST_LIFE_MS = 900_000;

const local = await startLocalService([createDynamoDbService, (context) => createS3Service(context)], {
  folder,
  durable: true,
});
// Requests come at the machine's pace, so partition keys must earn their capacity at it too.
local.clock.startWall();
setTimeout(() => process.exit(1), LONGEST_LIFE_MS);
writeSync(1, `${JSON.stringify(local.clientConfig)}\n`);
