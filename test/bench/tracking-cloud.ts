import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { openTrackingTokens } from '../../infra/commands/open-tracking-tokens.ts';
import { SPENT_UNITS_CHANNEL, type SpentUnits } from '../../infra/local/dynamodb/capacity-meter.ts';
import { newTrackingToken } from '../../shared/core/tracking-access/index.ts';
import { assemble, startTestCloud } from '../helpers/local-cloud.ts';
import { benchDefinition } from '../helpers/training-bench.ts';
import type { CloudFigures } from './cloud-figures.ts';

/**
 * A cloud in a process of its own, so that who measures is not measured. Prints its tracking API, a token and the
 * table as one line of JSON, then what it spent so far for every line that it gets, and goes on until its input ends.
 * An argument names an assembly to bring up instead of a new one.
 */

let [requests, readUnits, writeUnits] = [0, 0, 0];
subscribe('http.server.request.start', (message) => {
  const { headers } = (message as { readonly request: IncomingMessage }).request;
  if (String(headers['x-amz-target']).startsWith('DynamoDB_')) requests += 1;
});
subscribe(SPENT_UNITS_CHANNEL, (message) => {
  const { operation, units } = message as SpentUnits;
  if (operation === 'Read') readUnits += units;
  else writeUnits += units;
});

const figures = (): CloudFigures => {
  const { user, system } = process.cpuUsage();
  return { requests, readUnits, writeUnits, cpuMs: (user + system) / 1_000 };
};

const test = await startTestCloud({ assemblyFolder: process.argv[2] ?? (await assemble([benchDefinition()])) });
test.cloud.clock.startWall();
const tokens = await openTrackingTokens('local', test.clientConfig);
const createdAtMs = test.cloud.clock.nowMs();
const token = await tokens.issue(
  newTrackingToken({ name: 'bench', workspaces: ['default'], role: 'write', createdAtMs }),
);
tokens.close();
const { TrackingTableName: table } = test.cloud.outputs['Millrace-local-data'] ?? {};
const url = (test.cloud.apis['millrace-local-tracking'] ?? '').replace(/\/$/, '');
console.log(JSON.stringify({ url, token, endpoint: test.cloud.endpoint, table }));
createInterface({ input: process.stdin })
  .on('line', () => console.log(JSON.stringify(figures())))
  .once('close', async () => {
    test.cloud.clock.stopWall();
    await test.stop();
  });
