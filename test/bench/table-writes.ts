import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { TrackingBench } from './tracking-client.ts';

/**
 * What the table itself takes: single conditional puts of 200 bytes by the SDK straight to the embedded DynamoDB, as many
 * at once as the row has clients. @returns puts a second
 */
export const createTableWrites = ({ aws, timed }: TrackingBench): ((parallel: number) => Promise<number>) => {
  const client = new DynamoDBClient({
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const COUNT = 1_000;
  let written = 0;
  return async (parallel) => {
    const seconds = await timed(COUNT, parallel, () => {
      written += 1;
      // Spread over partitions, which take a thousand writes a second each.
      const Item = { pk: { S: `bench#${written % 50}` }, sk: { S: String(written) }, value: { S: 'x'.repeat(150) } };
      const ConditionExpression = 'attribute_not_exists(pk)';
      return client.send(new PutItemCommand({ TableName: aws.table, Item, ConditionExpression }));
    });
    return COUNT / seconds;
  };
};
export const TABLE_WRITES = 'single puts by the SDK straight to the embedded table, a second';
