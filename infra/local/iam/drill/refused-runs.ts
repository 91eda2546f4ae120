import { createHash } from 'node:crypto';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { METRICS_FILE, runPrefix } from '../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { phaseModelPrefix } from '../../../../shared/contracts/training-workflow.ts';
import type { Scene } from '../../chaos/scenarios.ts';

/** Runs whose training went well and whose model did not pass. */

const CAUSE = { kind: 'call', principal: 'drill', requestId: 'drill', reason: 'a drill' };
const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:drill:refused';

/** Calls a step of a workflow as an operator would who repeats it; the step may refuse. */
export const repeatStep = async ({ session }: Scene, folder: string, payload: object): Promise<void> => {
  const Payload = Buffer.from(JSON.stringify(payload));
  await session.lambda.send(new InvokeCommand({ FunctionName: `millrace-local-${folder}`, Payload }));
};

/** So many metrics by names that repeat nothing: they stay large however they are packed. */
const metricsOf = (count: number): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => {
      const parts = [0, 1, 2, 3].map((part) => createHash('sha512').update(`${i} ${part}`).digest('base64url'));
      return [parts.join('').slice(0, 230), i];
    }),
  );

/** A run that was refused after its trainer had reported so many metrics. */
export const refuseRun = async (scene: Scene, runId: string, metricCount: number): Promise<void> => {
  const { artifacts, cloud } = scene.session;
  const run = { model: 'weir', runId, cause: CAUSE };
  const file = `${runPrefix(run.model, runId)}${phaseModelPrefix('candidate')}${METRICS_FILE}`;
  await artifacts.put(file, toJsonFile(metricsOf(metricCount)));
  const startedAtMs = cloud.clock.nowMs();
  await repeatStep(scene, 'record-run', { action: 'start', ...run, executionArn: EXECUTION, startedAtMs });
  await repeatStep(scene, 'record-run', { action: 'refuse', ...run, outcome: 'a drill' });
};
