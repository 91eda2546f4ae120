import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogsService } from '../../../infra/local/logs/service.ts';
import { type ContractTarget, openContractTarget } from '../../helpers/contract-target.ts';
import { type JsonClient, openJsonClient } from '../../helpers/json-client.ts';

/** CloudWatch Logs: groups, streams, what is written to them and what is found again. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let target: ContractTarget;
let logs: JsonClient;
let logGroupName: string;
let nowMs: number;

beforeAll(async () => {
  target = await openContractTarget([createLogsService]);
  logs = await openJsonClient(target, { service: 'logs', targetPrefix: 'Logs_20140328' });
  logGroupName = `/${target.prefix}/group`;
  await logs.call('CreateLogGroup', { logGroupName });
  target.afterwards(() => logs.call('DeleteLogGroup', { logGroupName }));
  const { logGroups } = await logs.call('DescribeLogGroups', { logGroupNamePrefix: logGroupName });
  nowMs = logGroups[0].creationTime;
});
afterAll(() => target.stop());

const stream = async (logStreamName: string) => {
  await logs.call('CreateLogStream', { logGroupName, logStreamName });
  return {
    put: (logEvents: readonly object[]) => logs.call('PutLogEvents', { logGroupName, logStreamName, logEvents }),
    get: async (more: object = {}): Promise<readonly string[]> => {
      const { events } = await logs.call('GetLogEvents', { logGroupName, logStreamName, startFromHead: true, ...more });
      return events.map(({ message }: { message: string }) => message);
    },
  };
};

describe('a batch of events', () => {
  it('is read back in order, by time and by pattern', async () => {
    const { put, get } = await stream('read');
    await put([
      { timestamp: nowMs - 2, message: 'first' },
      { timestamp: nowMs - 1, message: '{"level":"error","code":7}' },
      { timestamp: nowMs, message: 'third ERROR' },
    ]);

    await target.eventually('three events are read', async () => (await get()).length === 3);
    const later = await get({ startTime: nowMs - 1 });
    const found = async (filterPattern: string): Promise<number> => {
      const input = { logGroupName, logStreamNames: ['read'], filterPattern, startTime: nowMs - HOUR_MS };
      return (await logs.call('FilterLogEvents', input)).events.length;
    };

    expect(later).toEqual(['{"level":"error","code":7}', 'third ERROR']);
    await target.eventually('the JSON pattern finds one', async () => (await found('{ $.code > 5 }')) === 1);
    expect(await found('ERROR')).toBe(1);
    expect(await found('absent')).toBe(0);
  });

  it('leaves out what is older than 14 days or more than two hours ahead, and says so', async () => {
    const { put } = await stream('late');

    const old = await put([{ timestamp: nowMs - 15 * DAY_MS, message: 'old' }]);
    const ahead = await put([
      { timestamp: nowMs, message: 'now' },
      { timestamp: nowMs + 3 * HOUR_MS, message: 'ahead' },
    ]);

    expect(old.rejectedLogEventsInfo).toMatchObject({ tooOldLogEventEndIndex: 1 });
    expect(ahead.rejectedLogEventsInfo).toMatchObject({ tooNewLogEventStartIndex: 1 });
  });

  it('is refused when it is out of order, spans a day, is too large or has an empty message', async () => {
    const { put } = await stream('refused');
    const refused = { name: 'InvalidParameterException' };
    const at = (timestamp: number, message = 'x') => ({ timestamp, message });

    await expect(put([at(nowMs), at(nowMs - 1)])).rejects.toMatchObject(refused);
    await expect(put([at(nowMs - DAY_MS - 1), at(nowMs)])).rejects.toMatchObject(refused);
    await expect(put(Array.from({ length: 5 }, () => at(nowMs, 'x'.repeat(230_000))))).rejects.toMatchObject(refused);
    await expect(put([at(nowMs, '')])).rejects.toMatchObject(refused);
    await expect(put([])).rejects.toMatchObject(refused);
  });

  it('needs a stream that stands', async () => {
    const logEvents = [{ timestamp: nowMs, message: 'x' }];

    await expect(logs.call('PutLogEvents', { logGroupName, logStreamName: 'none', logEvents })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
    await expect(logs.call('CreateLogGroup', { logGroupName })).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
    });
  });
});

describe('a group', () => {
  it('keeps its lines for as many days as AWS offers', async () => {
    await logs.call('PutRetentionPolicy', { logGroupName, retentionInDays: 30 });
    const { logGroups } = await logs.call('DescribeLogGroups', { logGroupNamePrefix: logGroupName });

    expect(logGroups).toMatchObject([{ logGroupName, retentionInDays: 30 }]);
    await expect(logs.call('PutRetentionPolicy', { logGroupName, retentionInDays: 31 })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
  });
});
