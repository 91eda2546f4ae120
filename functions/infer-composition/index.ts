import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createAskMember } from '../../shared/adapters/lambda/member-models.ts';
import { createLambdaClient } from '../../shared/adapters/lambda/serving-functions.ts';
import { COMPOSITIONS_FILE, compositionIn } from '../../shared/contracts/compositions.ts';
import { readEnv } from '../../shared/contracts/env.ts';
import { timeOrderedId } from '../../shared/kernel/time-ordered-id.ts';
import { createHandler } from './handler.ts';

const { STAGE: stage, ...env } = readEnv(['STAGE', 'COMPOSITION_NAME', 'LAMBDA_TASK_ROOT']);
const json = readFileSync(`${env.LAMBDA_TASK_ROOT}/${COMPOSITIONS_FILE}`, 'utf8');
const composition = compositionIn(json, env.COMPOSITION_NAME);
const sha256 = (text: string) => createHash('sha256').update(text).digest();
const idOf = (requestId: string, ...of: readonly (string | number)[]): string =>
  timeOrderedId(Date.now(), sha256([requestId, ...of].join('#')));
const client = createLambdaClient();

export const handler = createHandler({
  composition,
  version: sha256(JSON.stringify(composition)).toString('hex').slice(0, 12),
  askMember: (asker) =>
    createAskMember({ client, stage, ...asker, predictionId: (node, row) => idOf(asker.requestId, row, node) }),
  predictionId: idOf,
  elapsedMs: () => performance.now(),
});
