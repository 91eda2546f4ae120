import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { createUsageStore } from '../../shared/adapters/dynamodb/usage-store.ts';
import type { DailyUsage } from '../../shared/core/metering/index.ts';
import { InvalidRequestError, LimitExceededError } from '../../shared/kernel/errors.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import { MOST_USAGE_LISTED, type UsageStore } from '../../shared/ports/usage-store.ts';
import { loadModels } from '../aws/models.ts';
import { openApiKeys } from './api-keys.ts';
import { carryOut, readOptions } from './command-line.ts';
import { findStageResources } from './find-stage-resources.ts';
import type { StageAccess } from './open-stage.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';
import { clientName, type ModelUsage, usageTable } from './usage-table.ts';

const USAGE = `millrace usage --from DAY --to DAY [--model M] [--client C] [--daily]
  ${STAGE_USAGE}

What clients used of models, by client, model and version: answered requests, and rows in them, exactly as captured.
Days are UTC, such as 2026-11-21, both included. A client is the name of an API key, or the ARN of who signed.
Captures are counted once a day, at 01:40 UTC; what came late is added when it came. --endpoint takes an embedded cloud.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const values = readOptions(
  {
    from: text,
    to: text,
    model: text,
    client: text,
    daily: flag,
    ...STAGE_OPTIONS,
    help: flag,
  },
  USAGE,
);

const MOST_PAGES = 1_000;

const requiredDay = (name: 'from' | 'to'): string => {
  const day = values[name];
  if (day !== undefined && /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day))) return day;
  throw new InvalidRequestError(`--${name} must be a UTC day such as 2026-11-21, got ${day ?? 'none'}`);
};

const readAll = async (
  store: UsageStore,
  model: string,
  days: { readonly from: string; readonly to: string },
): Promise<readonly DailyUsage[]> => {
  const usage: DailyUsage[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, nextCursor } = await store.list(model, days, { limit: MOST_USAGE_LISTED, cursor });
    usage.push(...items);
    cursor = nextCursor;
    if (cursor === undefined) return usage;
  }
  throw new LimitExceededError(
    `model ${model} has more than ${MOST_PAGES * MOST_USAGE_LISTED} counts: ask for fewer days`,
  );
};

const keyNames = async (stage: string, access: StageAccess): Promise<ReadonlyMap<string, string>> => {
  const keys = await openApiKeys(stage, access);
  try {
    return new Map((await keys.list()).map(({ id, client }) => [id, client]));
  } finally {
    keys.close();
  }
};

const report = async (stage: string, access: StageAccess, client: DynamoDBClient, lineageTable: string) => {
  const days = { from: requiredDay('from'), to: requiredDay('to') };
  const store = createUsageStore({ client, lineageTable });
  const models = values.model === undefined ? (await loadModels()).map(({ name }) => name) : [values.model];
  const usage: ModelUsage[] = [];
  for (const model of models) usage.push(...(await readAll(store, model, days)).map((one) => ({ model, ...one })));
  const clients = usage.some((one) => one.client.startsWith('key:')) ? await keyNames(stage, access) : new Map();
  const asked = values.client;
  const told =
    asked === undefined ? usage : usage.filter((one) => [one.client, clientName(one.client, clients)].includes(asked));
  console.log(usageTable(told, { daily: values.daily, clients }));
  for (const model of models) {
    const untilMs = await store.countedUntilMs(model);
    console.error(`${model}: ${untilMs === undefined ? 'never counted' : `counted until ${isoTime(untilMs)}`}`);
  }
};

const main = async (): Promise<void> => {
  requiredDay('from');
  requiredDay('to');
  const { stage: config, access } = await readStage(values);
  const stage = config.name;
  const lambda = new LambdaClient({ ...access });
  const dynamoDb = new DynamoDBClient({ ...access });
  try {
    const { lineageTable } = await findStageResources(lambda, stage);
    await report(stage, access, dynamoDb, lineageTable);
  } finally {
    lambda.destroy();
    dynamoDb.destroy();
  }
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
