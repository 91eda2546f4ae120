import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { askWhy } from './ask-why.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { findStageResources } from './find-stage-resources.ts';
import { readDay } from './read-subject.ts';
import { rerunPrediction } from './rerun-prediction.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace why ID [--model M] [--day YYYY-MM-DD] [--rerun]
  ${STAGE_USAGE}

Why a prediction came out as it did: its inputs, the model version with its bytes, run, code and data, who let it serve
and how the traffic was divided then, each link held against the next by its digest. --day is the UTC day of a prediction
whose id the caller gave; an id of ours carries its time. --rerun fetches the model's bytes by their digest and asks them
again, here: the output must be the same to the last bit. Ends with 1 if a link does not hold or the output differs.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values, words } = readCommandLine(
  {
    model: text,
    day: text,
    ...STAGE_OPTIONS,
    rerun: flag,
    help: flag,
  },
  USAGE,
);

const main = async (): Promise<void> => {
  const { model } = values;
  const day = readDay(values.day);
  const [predictionId, ...others] = words;
  if (predictionId === undefined) throw new InvalidRequestError('the id of the prediction is required');
  if (others.length > 0) throw new InvalidRequestError(`one prediction at a time, got ${words.join(' ')}`);
  const { stage: config, access } = await readStage(values);
  const stage = config.name;
  const lambda = new LambdaClient({ ...access });
  const client = new S3Client({ ...access, ...(access.endpoint === undefined ? {} : { forcePathStyle: true }) });
  try {
    const explanation = await askWhy(lambda, stage, { predictionId, model, day });
    console.log(JSON.stringify(explanation, null, 2));
    for (const { claim, holds, found } of explanation.checks) {
      if (!holds) console.error(`does not hold: ${claim}; found ${found ?? 'nothing'}`);
    }
    if (!explanation.verified) process.exitCode = 1;
    if (!values.rerun) return;
    const { artifactBucket: bucket } = await findStageResources(lambda, stage);
    const { output, equal } = await rerunPrediction(createArtifactStore({ client, bucket }), explanation);
    const { output: recorded } = explanation.prediction;
    console.log(equal ? `asked again: ${output}, the same` : `asked again: ${output}, recorded was ${recorded}`);
    if (!equal) process.exitCode = 1;
  } finally {
    lambda.destroy();
    client.destroy();
  }
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
