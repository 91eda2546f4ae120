import { setTimeout } from 'node:timers/promises';
import { inferenceFunctionName, trainingPipelineName } from '../../shared/contracts/names.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { functionName } from '../aws/names.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { openSignedCalls } from './open-signed-calls.ts';
import { type LogLine, type LogQuery, readDuration, readLogs } from './read-logs.ts';
import { readModelName } from './read-subject.ts';
import { serverNow } from './server-now.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace logs MODEL [--since 1h] [--errors] [--function NAME]... [--limit 200] [--follow] [--json]
  ${STAGE_USAGE}

What a model's inference function and its training workflow wrote to CloudWatch Logs, oldest first. --function adds a
function of the platform by its folder, such as judge-canary, as far as its lines name the model. --errors shows only
failures. --follow goes on until Ctrl-C.`;

const FOLLOW_EVERY_MS = 2_000;
const MOST_LINES = 10_000;

const flag = { type: 'boolean', default: false } as const;
const text = { type: 'string' } as const;
const { values, words } = readCommandLine(
  {
    ...STAGE_OPTIONS,
    since: { ...text, default: '1h' },
    limit: { ...text, default: '200' },
    function: { ...text, multiple: true, default: [] },
    errors: flag,
    follow: flag,
    json: flag,
    help: flag,
  },
  USAGE,
);

const readLimit = (): number => {
  const limit = Number(values.limit);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_LINES) return limit;
  throw new InvalidRequestError(`--limit must be a whole number in [1, ${MOST_LINES}], got ${values.limit}`);
};

const show = (line: LogLine): void => {
  if (values.errors && !line.isError) return;
  if (values.json) console.log(JSON.stringify(line));
  else console.log(`${new Date(line.atMs).toISOString()} ${line.group.split('/').at(-1)} ${line.text}`);
};

const main = async (): Promise<void> => {
  const model = readModelName(words);
  const sinceMs = readDuration(values.since);
  const limit = readLimit();
  const { stage, access } = await readStage(values);
  const call = (await openSignedCalls(access)).at();
  const own = [
    `/aws/lambda/${inferenceFunctionName(stage.name, model)}`,
    `/aws/vendedlogs/states/${trainingPipelineName(stage.name, model)}`,
  ];
  const shared = values.function.map((folder) => `/aws/lambda/${functionName(stage.name, folder)}`);
  const read = async (fromMs: number): Promise<readonly LogLine[]> => {
    const query = (groups: readonly string[], more: Partial<LogQuery> = {}): LogQuery => ({
      groups,
      fromMs,
      limit,
      ...more,
    });
    const found = await Promise.all([
      readLogs(call, query(own)),
      shared.length === 0 ? [] : readLogs(call, query(shared, { containing: model })),
    ]);
    return found.flat().toSorted((a, b) => a.atMs - b.atMs);
  };
  let fromMs = (await serverNow(access.endpoint)) - sinceMs;
  // Of one instant some lines may come later than others: those that were shown are not shown again.
  let shown = new Set<string>();
  do {
    const lines = await read(fromMs);
    const keyOf = (line: LogLine): string => JSON.stringify(line);
    for (const line of lines) if (!shown.has(keyOf(line))) show(line);
    fromMs = lines.at(-1)?.atMs ?? fromMs;
    shown = new Set([...lines.filter(({ atMs }) => atMs === fromMs).map(keyOf), ...(lines.length === 0 ? shown : [])]);
    if (values.follow) await setTimeout(FOLLOW_EVERY_MS);
    else if (lines.length === 0) console.error(`${model} wrote nothing in the last ${values.since}`);
  } while (values.follow);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
