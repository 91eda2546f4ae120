import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CollectGarbageOutput } from '../../shared/contracts/garbage.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { InvalidRequestError, InvalidStateError } from '../../shared/kernel/errors.ts';
import { functionName } from '../aws/names.ts';
import { carryOut, readOptions } from './command-line.ts';
import { readStage, STAGE_OPTIONS } from './stage-access.ts';

const USAGE = `millrace collect --stage STAGE [--apply] [--profile P] [--region R] [--endpoint URL]

Says which packages and working files in a stage's artifact bucket nobody refers to any more, and which of them were
found so a day ago or more. With --apply, marks the first and removes the second, as the stage does once a week.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const values = readOptions({ ...STAGE_OPTIONS, stage: text, apply: flag, help: flag }, USAGE);

const show = (what: string, { count, sizeBytes, prefixes }: CollectGarbageOutput['marked']): void => {
  console.log(`${what}: ${count} folders, ${sizeBytes} bytes`);
  for (const prefix of prefixes) console.log(`  ${prefix}`);
  if (count > prefixes.length) console.log(`  and ${count - prefixes.length} more`);
};

const main = async (): Promise<void> => {
  const { stage: name, apply } = values;
  if (name === undefined) throw new InvalidRequestError('--stage is required');
  const { stage: config, access } = await readStage({ ...values, stage: name });
  const stage = config.name;
  const lambda = new LambdaClient({ ...access });
  try {
    const FunctionName = functionName(stage, 'collect-garbage');
    const Payload = Buffer.from(JSON.stringify({ mode: apply ? 'apply' : 'dry-run' }));
    const { Payload: answer, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    const told = Buffer.from(answer ?? []).toString('utf8');
    if (FunctionError !== undefined) throw new InvalidStateError(`${FunctionName} failed: ${told}`);
    const { folderCount, marked, unmarked, collected, leftCount } = parse(CollectGarbageOutput, JSON.parse(told));
    console.log(`${folderCount} folders in the artifact bucket of ${stage}`);
    show(apply ? 'marked as garbage' : 'would be marked as garbage', marked);
    show(apply ? 'removed' : 'would be removed', collected);
    console.log(`${apply ? 'unmarked' : 'would be unmarked'}: ${unmarked.count}; left to the next pass: ${leftCount}`);
  } finally {
    lambda.destroy();
  }
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
