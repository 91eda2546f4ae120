import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/request-training/handler.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { createMemoryRetrainingLedger } from '../../../../shared/adapters/memory/retraining-ledger.ts';
import {
  createMemoryAlarmReader,
  createMemoryExecutionStarter,
  createMemoryOneTimeScheduler,
} from '../../../../shared/adapters/memory/schedules-and-alarms.ts';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS, tellMinute } from '../../../../shared/kernel/time.ts';
import type { AlarmState } from '../../../../shared/ports/alarm-reader.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const FUNCTION_ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:request-training';
const CONTEXT = { invokedFunctionArn: FUNCTION_ARN, awsRequestId: 'request' };
const START_MS = Date.UTC(2001, 1, 17, 6);
const ALARM_NAME = 'millrace-dev-toy-drift';
const ALARM_ARN = `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${ALARM_NAME}`;
const ALARM = {
  alarmName: ALARM_NAME,
  alarmArn: ALARM_ARN,
  stateChangedAt: '2001-02-17T06:00:00.000Z',
  reason: 'PSI 0.3 > 0.2',
};
/** Of whatever starts at START_MS. */
const COOL_DOWN_END_MS = START_MS + 14 * DAY_MS;
/** The drift check of that day has run. */
const LOOK_MS = COOL_DOWN_END_MS + HOUR_MS;
const RECHECK = {
  kind: 'alarm-recheck',
  model: 'toy',
  alarmName: ALARM_NAME,
  coolDownEndedAt: isoTime(COOL_DOWN_END_MS),
};

const alarmEvent = (timestamp: string, value = 'ALARM') => ({
  source: 'aws.cloudwatch',
  'detail-type': 'CloudWatch Alarm State Change',
  resources: [ALARM_ARN],
  detail: { alarmName: ALARM_NAME, state: { value, reason: 'PSI 0.3 > 0.2', timestamp } },
});
const callEvent = (requestId: string, model = 'toy') => ({
  source: 'millrace',
  'detail-type': 'Training Requested',
  detail: { model, principal: 'arn:aws:iam::1:user/ann', requestId, reason: 'because' },
});
const objectEvent = (key: string, sequencer: string, id = 'event') => ({
  id,
  source: 'aws.s3',
  detail: { bucket: { name: 'data' }, object: { key, size: 1, etag: 'e', sequencer } },
});

const open = (retraining = {}) => {
  const definition = benchDefinition({ retraining: { coolDownDays: 14, ...retraining } });
  const alarms = new Map<string, AlarmState>();
  const clock = { now: START_MS, nowMs: () => clock.now };
  const executions = createMemoryExecutionStarter();
  const scheduler = createMemoryOneTimeScheduler();
  const events = createMemoryEventPublisher();
  const ledger = createMemoryRetrainingLedger();
  const { registry } = createMemoryRegistry();
  const deps = {
    stage: 'dev',
    definitions: new Map([['toy', definition]]),
    alarms: createMemoryAlarmReader(alarms),
    ledger,
    registry,
    executions,
    scheduler,
    events,
    clock,
  };
  const handler = createHandler(deps);
  return {
    deps,
    alarms,
    clock,
    executions,
    scheduler,
    events,
    registry,
    request: (event: unknown) => handler(event, CONTEXT),
  };
};

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

describe('request-training', () => {
  it('starts the model’s own pipeline with the cause of each source', async () => {
    const { request, executions } = open({ onNewData: true, coolDownDays: 0 });

    await request(alarmEvent('2001-02-17T06:00:00.500+0000'));
    await request(callEvent('r-1'));
    await request(objectEvent('datasets/toys/known=2001-02-16/part-0.parquet', '0A'));
    await request({ kind: 'schedule', model: 'toy', scheduledAt: '2001-02-18T00:00:00Z' });

    expect(executions.started.map(({ stateMachineArn }) => stateMachineArn)).toEqual(
      Array(4).fill('arn:aws:states:eu-west-1:123456789012:stateMachine:millrace-dev-train-toy'),
    );
    expect(executions.started.map(({ input }) => input)).toEqual([
      {
        model: 'toy',
        cause: {
          kind: 'alarm',
          alarmName: ALARM_NAME,
          alarmArn: ALARM_ARN,
          stateChangedAt: '2001-02-17T06:00:00.500Z',
          reason: 'PSI 0.3 > 0.2',
        },
      },
      {
        model: 'toy',
        cause: { kind: 'call', principal: 'arn:aws:iam::1:user/ann', requestId: 'r-1', reason: 'because' },
      },
      {
        model: 'toy',
        cause: {
          kind: 'new-data',
          bucket: 'data',
          key: 'datasets/toys/known=2001-02-16/part-0.parquet',
          eventId: 'event',
        },
      },
      { model: 'toy', cause: { kind: 'schedule', scheduledAt: '2001-02-18T00:00:00.000Z' } },
    ]);
  });

  it('names an execution as Step Functions allows', async () => {
    const { request, executions } = open();

    await request(callEvent('r-1'));

    expect(executions.started[0]?.name).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
  });

  it('starts once for an event that is delivered twice, and for each of two events', async () => {
    const { request, executions } = open();

    const first = await request(callEvent('r-1'));
    const second = await request(callEvent('r-1'));
    await request(callEvent('r-2'));

    expect(first).toMatchObject([{ outcome: 'started' }]);
    expect(second).toMatchObject([{ outcome: 'duplicate', runId: executions.started[0]?.name }]);
    expect(executions.started).toHaveLength(2);
  });

  it('starts on the repeat when it died between its claim and its start', async () => {
    const { deps, executions } = open();
    const dying = createHandler({ ...deps, executions: { start: async () => Promise.reject(new Error('killed')) } });

    await expect(dying(alarmEvent('2001-02-17T06:00:00Z'), CONTEXT)).rejects.toThrow('killed');
    await createHandler(deps)(alarmEvent('2001-02-17T06:00:00Z'), CONTEXT);

    expect(executions.started).toHaveLength(1);
  });

  it('looks at a suppressed alarm again an hour after the end of the cool-down, once', async () => {
    const { request, scheduler, events, clock, executions } = open();
    await request(callEvent('r-1'));

    clock.now += DAY_MS;
    await request(alarmEvent('2001-02-18T06:00:00Z'));
    await request(alarmEvent('2001-02-18T07:00:00Z'));

    expect(executions.started).toHaveLength(1);
    expect(scheduler.schedules).toEqual([
      {
        name: expect.stringMatching(/^toy-alarm-\d+$/),
        atMs: LOOK_MS,
        functionArn: FUNCTION_ARN,
        input: RECHECK,
      },
    ]);
    expect(events.published.map(({ type }) => type)).toEqual(['Training Refused', 'Training Refused']);
    expect(JSON.stringify(events.published[0])).toContain(tellMinute(COOL_DOWN_END_MS));
  });

  it('looks again at an alarm that started training, even if the first delivery died before setting the look', async () => {
    const { deps, scheduler, request } = open();
    const dying = createHandler({ ...deps, scheduler: { set: async () => Promise.reject(new Error('killed')) } });

    await expect(dying(alarmEvent('2001-02-17T06:00:00Z'), CONTEXT)).rejects.toThrow('killed');
    await request(alarmEvent('2001-02-17T06:00:00Z'));
    await request(alarmEvent('2001-02-17T06:00:00Z'));

    expect(scheduler.schedules).toMatchObject([{ atMs: LOOK_MS, input: RECHECK }]);
  });

  it('sets a look that is due already a minute ahead: Scheduler refuses the past', async () => {
    const { deps, scheduler, request, clock } = open();
    const dying = createHandler({ ...deps, scheduler: { set: async () => Promise.reject(new Error('killed')) } });
    await expect(dying(alarmEvent('2001-02-17T06:00:00Z'), CONTEXT)).rejects.toThrow('killed');

    clock.now += 20 * DAY_MS;
    await request(alarmEvent('2001-02-17T06:00:00Z'));

    expect(scheduler.schedules).toMatchObject([{ atMs: clock.now + MINUTE_MS, input: RECHECK }]);
  });

  it.each([
    ['that has not stopped ringing since the transition that started training', '2001-02-17T06:00:00.000Z'],
    ['that rang anew inside the cool-down', '2001-02-18T06:00:00.000Z'],
  ])('starts once, at the end of the cool-down, for an alarm %s', async (_which, stateChangedAt) => {
    const { request, alarms, clock, executions, scheduler } = open();
    await request(alarmEvent('2001-02-17T06:00:00Z'));
    alarms.set(ALARM_NAME, { ...ALARM, stateChangedAt, ringing: true });

    clock.now = LOOK_MS;
    const first = await request(scheduler.schedules[0]?.input);
    const second = await request(scheduler.schedules[0]?.input);

    expect(first).toMatchObject([{ outcome: 'started' }]);
    expect(second).toMatchObject([{ outcome: 'duplicate', runId: executions.started[1]?.name }]);
    expect(executions.started).toHaveLength(2);
    expect(executions.started[1]?.input).toMatchObject({
      cause: { stateChangedAt, coolDownEndedAt: isoTime(COOL_DOWN_END_MS) },
    });
    expect(scheduler.schedules.map(({ atMs }) => atMs)).toEqual([LOOK_MS, LOOK_MS + HOUR_MS + 14 * DAY_MS]);
    // A late copy of the event that rang in the cool-down meets the next one.
    await request(alarmEvent(stateChangedAt));
    expect(executions.started).toHaveLength(2);
  });

  it('keeps looking while the alarm rings, and stops when it is quiet', async () => {
    const { request, alarms, clock, executions, scheduler } = open();
    await request(alarmEvent('2001-02-17T06:00:00Z'));
    alarms.set(ALARM_NAME, { ...ALARM, ringing: true });
    for (const round of [0, 1]) {
      clock.now = scheduler.schedules[round]?.atMs ?? 0;
      await request(scheduler.schedules[round]?.input);
    }
    expect(executions.started).toHaveLength(3);

    alarms.set(ALARM_NAME, { ...ALARM, ringing: false });
    clock.now = scheduler.schedules[2]?.atMs ?? 0;

    expect(await request(scheduler.schedules[2]?.input)).toEqual([]);
    expect(executions.started).toHaveLength(3);
    expect(scheduler.schedules).toHaveLength(3);
  });

  it('waits on when something else started training before the look', async () => {
    const { request, alarms, clock, executions, scheduler } = open();
    await request(alarmEvent('2001-02-17T06:00:00Z'));
    alarms.set(ALARM_NAME, { ...ALARM, ringing: true });
    clock.now += DAY_MS;
    await request(callEvent('r-1'));

    clock.now = LOOK_MS;
    expect(await request(scheduler.schedules[0]?.input)).toMatchObject([{ outcome: 'refused' }]);
    clock.now += DAY_MS;
    expect(await request(scheduler.schedules[1]?.input)).toMatchObject([{ outcome: 'started' }]);

    expect(executions.started).toHaveLength(3);
  });

  it('sets no look where there is no cool-down, and none for a call', async () => {
    const { request, scheduler } = open({ coolDownDays: 0 });

    await request(alarmEvent('2001-02-17T06:00:00Z'));
    await request(callEvent('r-1'));

    expect(scheduler.schedules).toEqual([]);
  });

  it('trains on data that arrived in a cool-down when it ends', async () => {
    const { request, scheduler, clock, executions, events } = open({ onNewData: true });
    await request(objectEvent('datasets/toys/known=2001-02-16/part-0.parquet', '01'));

    await request(objectEvent('datasets/toys/known=2001-02-17/part-0.parquet', '02'));
    await request(objectEvent('datasets/toys/known=2001-02-18/part-0.parquet', '03'));
    expect(scheduler.schedules).toMatchObject([{ atMs: COOL_DOWN_END_MS }]);
    clock.now = COOL_DOWN_END_MS;
    const outcome = await request(scheduler.schedules[0]?.input);

    expect(outcome).toMatchObject([{ outcome: 'started' }]);
    expect(executions.started).toHaveLength(2);
    expect(events.published).toEqual([]);
  });

  it.each([
    ['an alarm that stops ringing', alarmEvent('2001-02-17T06:00:00Z', 'OK')],
    [
      'the alarm of another stage',
      {
        ...alarmEvent('2001-02-17T06:00:00Z'),
        detail: { ...alarmEvent('2001-02-17T06:00:00Z').detail, alarmName: 'millrace-prod-toy-drift' },
      },
    ],
    ['data that no model waits for', objectEvent('datasets/toys/known=2001-02-16/part-0.parquet', '01')],
  ])('does nothing for %s', async (_what, event) => {
    const { request, executions } = open();

    expect(await request(event)).toEqual([]);
    expect(executions.started).toEqual([]);
  });

  it('trains once for the degraded quality of a day, as the definition says, and the next days wait', async () => {
    const { request, executions, clock, scheduler } = open({ onQuality: true });
    const degraded = (day: string) => ({
      source: 'millrace',
      'detail-type': 'Quality Degraded',
      detail: { model: 'toy', version: 3, day, reason: 'log loss 0.61 > 0.5' },
    });

    for (const _ of [1, 2]) await request(degraded('2001-02-16'));
    clock.now += DAY_MS;

    expect(await request(degraded('2001-02-17'))).toMatchObject([{ outcome: 'refused' }]);
    expect(executions.started.map(({ input }) => input)).toEqual([
      { model: 'toy', cause: { kind: 'quality', day: '2001-02-16', reason: 'log loss 0.61 > 0.5' } },
    ]);
    expect(scheduler.schedules).toEqual([]);
  });

  it('trains a model whose last training is too old, asked daily, and says nothing on the other days', async () => {
    const { request, executions, clock, events } = open({ maxAgeDays: 30 });
    const ask = () => request({ kind: 'staleness', model: 'toy', scheduledAt: isoTime(clock.now) });
    await request(callEvent('r-1'));

    clock.now += 29 * DAY_MS;
    expect(await ask()).toMatchObject([{ outcome: 'refused' }]);
    clock.now += DAY_MS;
    expect(await ask()).toMatchObject([{ outcome: 'started' }]);
    expect(await ask()).toMatchObject([{ outcome: 'duplicate' }]);
    clock.now += DAY_MS;
    await ask();

    expect(executions.started).toHaveLength(2);
    expect(executions.started[1]?.input).toMatchObject({ cause: { kind: 'staleness' } });
    expect(events.published).toEqual([]);
  });

  it.each([
    [
      'degraded quality',
      { source: 'millrace', 'detail-type': 'Quality Degraded', detail: { model: 'toy', day: '2001-02-16' } },
      'onQuality',
    ],
    ['age', { kind: 'staleness', model: 'toy', scheduledAt: '2001-02-17T06:00:00Z' }, 'maxAgeDays'],
  ])('refuses a training by %s that the definition does not want', async (_what, event, field) => {
    const { request } = open();

    expect(await request(event)).toMatchObject([{ outcome: 'refused', reason: expect.stringContaining(field) }]);
  });

  it('refuses what the month’s budget does not bear, looks again when the month turns, and trains for a person', async () => {
    const { request, registry, alarms, clock, executions, scheduler, events } = open({
      budgetPerMonth: 2.5,
      costPerRun: 1,
      coolDownDays: 1,
    });
    const run = { model: 'toy', executionArn: 'arn', cause: {}, startedAtMs: Date.UTC(2001, 1, 2) };
    await registry.startRun({ ...run, runId: 'first', costUsd: 2 });

    const refused = await request(alarmEvent('2001-02-17T06:00:00Z'));
    const called = await request(callEvent('r-1'));
    expect([...refused, ...called]).toMatchObject([{ outcome: 'refused' }, { outcome: 'started' }]);
    expect(events.published).toMatchObject([
      {
        type: 'Training Refused',
        detail: { cause: { kind: 'alarm' }, reason: expect.stringContaining('2.00 $ of 2.50 $') },
      },
    ]);
    const schedule = { kind: 'schedule', model: 'toy', scheduledAt: '2001-02-17T06:00:00.000Z' };
    await request(schedule);
    expect(scheduler.schedules).toMatchObject([
      { atMs: Date.UTC(2001, 2, 1, 1), input: { kind: 'alarm-recheck' } },
      { atMs: Date.UTC(2001, 2, 1), input: schedule },
    ]);

    alarms.set(ALARM_NAME, { ...ALARM, ringing: true });
    clock.now = scheduler.schedules[0]?.atMs ?? 0;
    expect(await request(scheduler.schedules[0]?.input)).toMatchObject([{ outcome: 'started' }]);
    expect(executions.started).toHaveLength(2);
  });

  it('refuses, saying why, an unknown model and an alarm that the definition ignores', async () => {
    const { request, events } = open({ onDrift: false });

    await request(callEvent('r-1', 'constructor'));
    await request(alarmEvent('2001-02-17T06:00:00Z'));

    expect(events.published).toMatchObject([
      { type: 'Training Refused', detail: { model: 'constructor', reason: 'model "constructor" is not deployed' } },
      { type: 'Training Refused', detail: { model: 'toy', reason: expect.stringContaining('retraining.onDrift') } },
    ]);
  });

  it('refuses an event of another form by name', async () => {
    const { request } = open();

    await expect(request({ source: 'aws.ec2', detail: {} })).rejects.toMatchObject({ name: 'InvalidRequestError' });
    await expect(request({ kind: 'sometimes' })).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });
});
