import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { carryOut, readOptions } from './command-line.ts';
import { reproduceVersion } from './reproduce-version.ts';

const USAGE = `npm run reproduce -- MODEL@VERSION [--stage local] [--times 1] [--endpoint URL] [--region R] [--profile P]

Trains a version again from its bill of materials (code, data snapshot, seed, parameters, image), in the stage that made
it and without its step cache, and compares the bytes. Ends with 0 when every file is identical, else with 1.
For the embedded cloud of npm start: --endpoint http://127.0.0.1:4566 --region us-east-1, with any credentials.`;

const MOST_TIMES = 100;

const given = process.argv.slice(2);
/** What to reproduce comes first, before any option. */
const subject = given[0]?.startsWith('-') ? undefined : given[0];

const values = readOptions(
  {
    stage: { type: 'string', default: 'local' },
    times: { type: 'string', default: '1' },
    endpoint: { type: 'string' },
    region: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
  USAGE,
  subject === undefined ? given : given.slice(1),
);

const versionOf = (text: string | undefined): { readonly model: string; readonly version: number } => {
  const [, model, version] = /^([a-z0-9-]+)@([1-9]\d*)$/.exec(text ?? '') ?? [];
  if (model !== undefined && version !== undefined) return { model, version: Number(version) };
  throw new InvalidRequestError(`what to reproduce must be MODEL@VERSION, such as births@1, got ${text ?? 'nothing'}`);
};

const timesOf = (text: string): number => {
  const times = Number(text);
  if (Number.isInteger(times) && times >= 1 && times <= MOST_TIMES) return times;
  throw new InvalidRequestError(`--times must be a whole number from 1 to ${MOST_TIMES}, got ${text}`);
};

const main = async (): Promise<void> => {
  const { model, version } = versionOf(subject);
  const times = timesOf(values.times);
  const { endpoint, region, profile } = values;
  const access = { ...(endpoint && { endpoint }), ...(region && { region }), ...(profile && { profile }) };
  const clients = { lambda: new LambdaClient(access), states: new SFNClient(access) };
  try {
    for (let time = 1; time <= times; time += 1) {
      const startedAtMs = performance.now();
      const told = (state: string): void => {
        console.log(`${((performance.now() - startedAtMs) / 1_000).toFixed(1).padStart(6)} s  ${state}`);
      };
      const { outcome, files, differences, runId } = await reproduceVersion(
        clients,
        { stage: values.stage, model, version },
        told,
      );
      for (const [file, { expected, found, equal }] of Object.entries(files)) {
        console.log(`${file}: ${equal ? `identical, sha256 ${found}` : `different: was ${expected}, is ${found}`}`);
      }
      for (const difference of differences) console.log(`since then: ${difference}`);
      console.log(`${model}@${version}, time ${time} of ${times}: ${outcome} (run ${runId})`);
      if (outcome !== 'equal') process.exitCode = 1;
    }
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
