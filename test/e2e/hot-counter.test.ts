import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  ThrottlingException,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type StormHost, startStormHost } from '../helpers/write-storm.ts';

/**
 * One item that everybody counts in. AWS takes 1,000 writes a second of it, and so does the host, whose time is the
 * machine's here: clients are throttled and try again. Say `INCREMENTS=100000` for the whole measure.
 */
const INCREMENTS = Number(process.env.INCREMENTS ?? 3_200);
const CLIENTS = 64;

let folder: string;
let host: StormHost;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-counter-'));
  host = await startStormHost(folder);
  await host.dynamodb.send(
    new CreateTableCommand({
      TableName: 'counters',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    }),
  );
});

afterAll(async () => {
  await host?.kill();
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  counted: number;
  /** Times that a client gave up its own tries and was asked again. */
  throttled: number;
}

/** Counts until the condition says that it is enough. */
const countOn = async (client: DynamoDBClient): Promise<Outcome> => {
  const outcome: Outcome = { counted: 0, throttled: 0 };
  for (;;) {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: 'counters',
          Key: { pk: { S: 'hot' } },
          UpdateExpression: 'SET n = if_not_exists(n, :zero) + :one',
          ConditionExpression: 'attribute_not_exists(n) OR n < :limit',
          ExpressionAttributeValues: { ':zero': { N: '0' }, ':one': { N: '1' }, ':limit': { N: String(INCREMENTS) } },
        }),
      );
      outcome.counted += 1;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return outcome;
      if (!(error instanceof ThrottlingException)) throw error;
      outcome.throttled += 1;
    }
  }
};

describe('a counter that 64 SDK clients raise at once', () => {
  it(`loses none of ${INCREMENTS} conditional increments`, { timeout: 30_000 + INCREMENTS * 20 }, async () => {
    const clients = Array.from({ length: CLIENTS }, () => new DynamoDBClient(host.clientConfig));
    const startMs = performance.now();

    const outcomes = await Promise.all(clients.map(countOn));

    const seconds = (performance.now() - startMs) / 1_000;
    for (const client of clients) client.destroy();
    const { Item } = await host.dynamodb.send(
      new GetItemCommand({ TableName: 'counters', Key: { pk: { S: 'hot' } }, ConsistentRead: true }),
    );
    const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
    expect(sum(({ counted }) => counted)).toBe(INCREMENTS);
    expect(Item?.n?.N).toBe(String(INCREMENTS));
    if (INCREMENTS > 10_000) {
      const throttled = sum((outcome) => outcome.throttled);
      console.log(`${INCREMENTS} increments in ${seconds.toFixed(1)} s, ${throttled} tries given up by the SDK`);
    }
  });
});
