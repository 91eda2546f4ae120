import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogsService } from '../../../../../infra/local/logs/service.ts';
import { startLocalService, TEST_START_MS } from '../../../../helpers/local-service.ts';
import { callJson } from '../../../../helpers/wire-request.ts';

const GROUP = '/aws/lambda/infer';
const DAY_MS = 86_400_000;

const start = async () => {
  const local = await startLocalService(createLogsService);
  onTestFinished(() => local.stop());
  const service = local.services[0] as ReturnType<typeof createLogsService>;
  const call = callJson(service, 'Logs_20140328');
  const line = (message: string, logStream = 'a', atMs = local.clock.nowMs()) =>
    service.putLogLine({ logGroup: GROUP, logStream, atMs, message });
  const messages = async (input: object = {}): Promise<string[]> => {
    const { events } = await call('FilterLogEvents', { logGroupName: GROUP, ...input });
    return events.map((event: { message: string }) => event.message);
  };
  return { ...local, service, call, line, messages };
};

describe('logs', () => {
  it("keep a function's lines by time, over its streams", async () => {
    const { line, messages, call } = await start();
    line('second', 'b', TEST_START_MS + 2);
    line('first', 'a', TEST_START_MS + 1);
    line('third', 'a', TEST_START_MS + 3);

    expect(await messages()).toEqual(['first', 'second', 'third']);
    expect(await messages({ logStreamNames: ['a'], startTime: TEST_START_MS + 2 })).toEqual(['third']);
    const { events, nextBackwardToken } = await call('GetLogEvents', {
      logGroupName: GROUP,
      logStreamName: 'a',
      limit: 1,
    });
    const earlier = await call('GetLogEvents', {
      logGroupName: GROUP,
      logStreamName: 'a',
      nextToken: nextBackwardToken,
    });
    expect([events[0].message, earlier.events[0].message]).toEqual(['third', 'first']);
  });

  it.each<[pattern: string, expected: readonly string[]]>([
    ['ERROR', ['ERROR time out', 'ERROR other']],
    ['ERROR -"time out"', ['ERROR other']],
    ['?slow ?other', ['ERROR other', '{"level":"warn","ms":150,"tags":["slow"]}']],
    ['{ $.level = "warn" && $.ms >= 150 }', ['{"level":"warn","ms":150,"tags":["slow"]}']],
    ['{ ($.level = "w*") && $.tags[0] NOT EXISTS }', ['{"level":"warn","ms":20,"user":null}']],
    ['{ $.user IS NULL }', ['{"level":"warn","ms":20,"user":null}']],
    ['{ $.level != "warn" }', ['{"level":"info"}']],
  ])('are found by the pattern %s', async (filterPattern, expected) => {
    const { line, messages } = await start();
    line('ERROR time out');
    line('ERROR other');
    line('{"level":"info"}');
    line('{"level":"warn","ms":20,"user":null}');
    line('{"level":"warn","ms":150,"tags":["slow"]}');

    expect(await messages({ filterPattern })).toEqual(expected);
  });

  it('make metrics of lines in the embedded metric format', async () => {
    const { line, recorded } = await start();
    const directive = {
      Namespace: 'Millrace',
      Dimensions: [['Model'], []],
      Metrics: [{ Name: 'CaptureFailed', Unit: 'Count' }, { Name: 'Latencies' }],
    };
    const timestamp = TEST_START_MS - 5;
    line(
      JSON.stringify({
        _aws: { Timestamp: timestamp, CloudWatchMetrics: [directive] },
        Model: 'births',
        CaptureFailed: 1,
        Latencies: [3, 4],
        note: 'not a metric',
      }),
    );

    const base = { namespace: 'Millrace', atMs: timestamp };
    const births = { ...base, dimensions: { Model: 'births' } };
    const all = { ...base, dimensions: {} };
    expect(recorded.metrics).toEqual([
      { ...births, name: 'CaptureFailed', value: 1, unit: 'Count' },
      { ...births, name: 'Latencies', value: 3, unit: 'None' },
      { ...births, name: 'Latencies', value: 4, unit: 'None' },
      { ...all, name: 'CaptureFailed', value: 1, unit: 'Count' },
      { ...all, name: 'Latencies', value: 3, unit: 'None' },
      { ...all, name: 'Latencies', value: 4, unit: 'None' },
    ]);
  });

  it('make metrics of lines that a filter matches', async () => {
    const { service, line, recorded } = await start();
    const context = { stackName: 's', logicalId: 'F', generatedName: 's-F-1' };
    await service.resources['AWS::Logs::LogGroup']?.create({ ...context, properties: { LogGroupName: GROUP } });
    await service.resources['AWS::Logs::MetricFilter']?.create({
      ...context,
      properties: {
        LogGroupName: GROUP,
        FilterPattern: '{ $.level = "error" }',
        MetricTransformations: [
          { MetricNamespace: 'N', MetricName: 'Errors', MetricValue: '$.count', DefaultValue: 0 },
        ],
      },
    });

    line('{"level":"error","count":3}');
    line('{"level":"info"}');
    line('{"level":"info"}');

    expect(recorded.metrics.map(({ name, value }) => [name, value])).toEqual([
      ['Errors', 3],
      ['Errors', 0],
    ]);
  });

  it('forget what is past retention', async () => {
    const { call, clock, line, messages } = await start();
    line('old');
    await call('PutRetentionPolicy', { logGroupName: GROUP, retentionInDays: 3 });
    await clock.advanceBy(2 * DAY_MS);
    line('new');
    const before = await messages();
    await clock.advanceBy(2 * DAY_MS);

    expect(before).toEqual(['old', 'new']);
    expect(await messages()).toEqual(['new']);
    await expect(call('PutRetentionPolicy', { logGroupName: GROUP, retentionInDays: 4 })).rejects.toThrow(
      'one of 1, 3, 5',
    );
  });

  it('take events from a client, and refuse what is too old or has no group', async () => {
    const { call, messages } = await start();
    await call('CreateLogGroup', { logGroupName: GROUP });
    await call('CreateLogStream', { logGroupName: GROUP, logStreamName: 'x' });
    const put = (logEvents: readonly object[]) =>
      call('PutLogEvents', { logGroupName: GROUP, logStreamName: 'x', logEvents });

    const answer = await put([
      { timestamp: TEST_START_MS - 14 * DAY_MS - 1, message: 'too old' },
      { timestamp: TEST_START_MS - 14 * DAY_MS, message: 'taken' },
    ]);

    expect(answer.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    expect(await messages()).toEqual(['taken']);
    await expect(call('FilterLogEvents', { logGroupName: 'none' })).rejects.toThrow('ResourceNotFoundException');
    await expect(call('FilterLogEvents', { logGroupName: GROUP, filterPattern: '[a, b]' })).rejects.toThrow(
      'not supported',
    );
    await expect(call('StartQuery', {})).rejects.toThrow('UnknownOperationException');
  });
});
