import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { createArtifactStore } from '../../shared/adapters/s3/artifact-store.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { stageConfig } from '../aws/config.ts';
import { askWhy } from './ask-why.ts';
import { carryOut, readOptions } from './command-line.ts';
import { findStageResources } from './find-stage-resources.ts';
import { rerunPrediction } from './rerun-prediction.ts';

const USAGE = `npm run why -- ID [--model M] [--day YYYY-MM-DD] [--rerun]
  [--stage dev] [--region R] [--profile P] [--endpoint URL]

Why a prediction came out as it did: its inputs, the model version with its bytes, run, code and data, who let it serve
and how the traffic was divided then, each link held against the next by its digest. --day is the UTC day of a prediction
whose id the caller gave; an id of ours carries its time. --rerun fetches the model's bytes by their digest and asks them
again, here: the output must be the same to the last bit. Ends with 1 if a link does not hold or the output differs.`;

const [first = '', ...others] = process.argv.slice(2);
const predictionId = first.startsWith('-') ? '' : first;
const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const values = readOptions(
  {
    model: text,
    day: text,
    stage: { ...text, default: 'dev' },
    region: text,
    profile: text,
    endpoint: text,
    rerun: flag,
    help: flag,
  },
  USAGE,
  predictionId === '' ? [first, ...others].filter((one) => one !== '') : others,
);

const main = async (): Promise<void> => {
  const { model, day, region, profile, endpoint } = values;
  if (predictionId === '') throw new InvalidRequestError('the id of the prediction is required');
  const stage = stageConfig(values.stage).name;
  const access = {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
  const lambda = new LambdaClient(access);
  const client = new S3Client({ ...access, ...(endpoint === undefined ? {} : { forcePathStyle: true }) });
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
