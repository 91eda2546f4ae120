import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { readModelVersion } from './read-subject.ts';
import { reproduceVersion } from './reproduce-version.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace reproduce MODEL@VERSION [--times 1]
  ${STAGE_USAGE}

Trains a version again from its bill of materials (code, data snapshot, seed, parameters, image), in the stage that made
it and without its step cache, and compares the bytes. Ends with 0 when every file is identical, else with 1.`;

const MOST_TIMES = 100;

const { values, words } = readCommandLine(
  {
    ...STAGE_OPTIONS,
    times: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
  USAGE,
);

const timesOf = (text: string): number => {
  const times = Number(text);
  if (Number.isInteger(times) && times >= 1 && times <= MOST_TIMES) return times;
  throw new InvalidRequestError(`--times must be a whole number from 1 to ${MOST_TIMES}, got ${text}`);
};

const main = async (): Promise<void> => {
  const { model, version } = readModelVersion(words);
  const times = timesOf(values.times);
  const { stage, access } = await readStage(values);
  const clients = { lambda: new LambdaClient({ ...access }), states: new SFNClient({ ...access }) };
  try {
    for (let time = 1; time <= times; time += 1) {
      const startedAtMs = performance.now();
      const told = (state: string): void => {
        console.log(`${((performance.now() - startedAtMs) / 1_000).toFixed(1).padStart(6)} s  ${state}`);
      };
      const { outcome, files, differences, runId } = await reproduceVersion(
        clients,
        { stage: stage.name, model, version },
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
