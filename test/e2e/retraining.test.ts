import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetScheduleCommand, ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alarmName } from '../../shared/contracts/metric-names.ts';
import { scheduleGroupName } from '../../shared/contracts/names.ts';
import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../../shared/kernel/time.ts';
import { assemble, IN_ONE_PROCESS, startTestCloud, type TestCloud } from '../helpers/local-cloud.ts';
import { mailedTexts } from '../helpers/outbox.ts';
import { BENCH_START_MS, benchDefinition } from '../helpers/training-bench.ts';

/**
 * One story on the embedded cloud, told once; the tests read what stood at its points. The drift check looks at the
 * whole day before, at 06:00; each start of a training begins a cool-down of two and a half days, and an hour after its
 * end the alarm is looked at.
 */

const COOL_DOWN_DAYS = 2.5;
const DRIFT_ALARM = alarmName('local', 'toy', 'drift');
const ROWS = 120;

const day = (count: number): number => BENCH_START_MS + count * DAY_MS;
/** An hour after the drift check of a day. */
const afterCheck = (count: number): number => day(count) + 7 * HOUR_MS;

let test: TestCloud;
let lambda: LambdaClient;
let scheduler: SchedulerClient;
const stateFolder = mkdtempSync(join(tmpdir(), 'millrace-retraining-'));

/** x as in training: even over [0, 1]. Drifted: near 1 only. */
const sendDay = async (count: number, traffic: 'as trained' | 'drifted'): Promise<void> => {
  await test.cloud.clock.advanceTo(day(count) + 12 * HOUR_MS);
  const instances = Array.from({ length: ROWS }, (_, i) => {
    const even = ((i * 37) % ROWS) / ROWS;
    const x = traffic === 'as trained' ? even : 0.95 + even / 20;
    return { predictionId: `day-${count}-${i}`, features: { x, kind: ['a', 'b', 'c'][i % 3] } };
  });
  const answer = await test.platform.predict('toy', { instances });
  expect(answer.status).toBe(200);
};

const standingLooks = async () => {
  const GroupName = scheduleGroupName('local');
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({ GroupName }));
  return Promise.all(
    Schedules.map(async ({ Name = '' }) => {
      const found = await scheduler.send(new GetScheduleCommand({ GroupName, Name }));
      const { ScheduleExpression: at, Target } = found;
      return { at, input: JSON.parse(Target?.Input ?? '{}') };
    }),
  );
};

const takeStock = async () => {
  const executions = await Promise.all(
    (await test.observer.executions(/^train-toy$/)).map(async (execution) => ({
      ...execution,
      input: await test.observer.executionInput(execution.arn),
    })),
  );
  return {
    executions,
    runs: await test.platform.runs('toy'),
    ringing: (await test.observer.ringingAlarms()).includes(DRIFT_ALARM),
    transitions: (await test.observer.alarmTransitions()).filter(({ name }) => name === DRIFT_ALARM),
    looks: await standingLooks(),
    refusals: mailedTexts(stateFolder, /^a training of toy was refused$/),
  };
};
type Stock = Awaited<ReturnType<typeof takeStock>>;

/** Delivers an event to request-training once more, as EventBridge or Scheduler may. */
const deliverAgain = async (event: unknown): Promise<unknown> => {
  const { Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: 'millrace-local-request-training', Payload: JSON.stringify(event) }),
  );
  return JSON.parse(Payload?.transformToString() ?? 'null');
};

const alarmEventOf = ({ runs }: Stock) => {
  const cause = runs.at(-1)?.cause ?? {};
  return {
    source: 'aws.cloudwatch',
    resources: [cause.alarmArn],
    detail: { alarmName: cause.alarmName, state: { value: 'ALARM', reason: '', timestamp: cause.stateChangedAt } },
  };
};

const tellStory = async () => {
  const { clock } = test.cloud;
  await test.loadToyDays(0, 30);
  await test.platform.requestTraining('toy', 'first');
  await test.until('version 1 serves', async () =>
    (await test.platform.rollouts('toy')).some(({ status }) => status === 'PROMOTED'),
  );

  await sendDay(16, 'as trained');
  await clock.advanceTo(afterCheck(17));
  const calm = await takeStock();
  await sendDay(17, 'drifted');
  await clock.advanceTo(afterCheck(18));
  const rang = await takeStock();
  const eventTwice = await deliverAgain(alarmEventOf(rang));
  await clock.advanceTo(day(18) + 11 * HOUR_MS);
  const rollouts = await test.platform.rollouts('toy');

  await sendDay(18, 'drifted');
  await sendDay(19, 'drifted');
  await clock.advanceTo(afterCheck(20));
  const stillCooling = await takeStock();
  await clock.advanceTo(day(20) + 21 * HOUR_MS);
  const rangOn = await takeStock();
  const lookTwice = await deliverAgain(rang.looks[0]?.input);

  await sendDay(20, 'as trained');
  await clock.advanceTo(afterCheck(21));
  const quiet = await takeStock();
  await sendDay(21, 'drifted');
  await clock.advanceTo(afterCheck(22));
  const rangAnew = await takeStock();
  await clock.advanceTo(afterCheck(23) + 2 * HOUR_MS);
  const heard = await takeStock();

  await sendDay(23, 'as trained');
  await clock.advanceTo(day(26));
  const over = await takeStock();
  return { calm, rang, eventTwice, rollouts, stillCooling, rangOn, lookTwice, quiet, rangAnew, heard, over };
};
let story: Awaited<ReturnType<typeof tellStory>>;

beforeAll(async () => {
  const definition = benchDefinition({
    deployment: { canarySteps: [0.5, 1], bakeMinutes: 60 },
    monitors: { windowDays: 1, minRows: 50, alarmAfterChecks: 1 },
    retraining: { coolDownDays: COOL_DOWN_DAYS },
  });
  test = await startTestCloud({
    assemblyFolder: await assemble([definition]),
    stateFolder,
    simulation: IN_ONE_PROCESS,
  });
  lambda = new LambdaClient(test.clientConfig);
  scheduler = new SchedulerClient(test.clientConfig);
  story = await tellStory();
}, 180_000);

afterAll(async () => {
  lambda.destroy();
  scheduler.destroy();
  await test.stop();
  rmSync(stateFolder, { recursive: true, force: true });
});

/** The cause of the newest training, which its execution's input and its run must agree on. */
const newestCause = ({ executions, runs }: Stock): Readonly<Record<string, string>> => {
  const { name, input } = executions.at(-1) ?? {};
  const run = runs.at(-1);
  expect(run?.runId).toBe(name);
  expect(input).toEqual({ model: 'toy', cause: run?.cause });
  return run?.cause as Readonly<Record<string, string>>;
};
/** Handlers see the time flow while they work: an instant is meant within a minute. */
const expectAbout = (iso: string | undefined, atMs: number): void => {
  expect(Math.abs(Date.parse(iso ?? '') - atMs)).toBeLessThan(MINUTE_MS);
};

describe('retraining by drift', () => {
  it('predictions distributed as in training raise no alarm', () => {
    const { calm } = story;

    expect(calm.transitions).toMatchObject([{ from: 'INSUFFICIENT_DATA', to: 'OK' }]);
    expect(calm.runs).toHaveLength(1);
  });

  it('drifted predictions raise the alarm, and its change of state starts one training that names it', () => {
    const { rang } = story;

    expect(rang.transitions.slice(1)).toMatchObject([{ from: 'OK', to: 'ALARM' }]);
    expect(rang.executions).toHaveLength(2);
    const cause = newestCause(rang);
    expect(cause).toEqual({
      kind: 'alarm',
      alarmName: DRIFT_ALARM,
      alarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:${DRIFT_ALARM}`,
      stateChangedAt: isoTime(rang.transitions[1]?.atMs ?? 0),
      reason: rang.transitions[1]?.reason,
    });
    expectAbout(cause.stateChangedAt, day(18) + 6 * HOUR_MS);
  });

  it('the version trained on the alarm goes into service: the loop closes', () => {
    expect(story.rang.runs.at(-1)).toMatchObject({ status: 'FINISHED', version: 2 });
    expect(story.rollouts.at(-1)).toMatchObject({ version: 2, status: 'PROMOTED' });
  });

  it('the alarm’s event delivered twice starts one training and sets one look', () => {
    const { rang, eventTwice, stillCooling } = story;

    expect(eventTwice).toMatchObject([{ outcome: 'duplicate', runId: rang.executions.at(-1)?.name }]);
    expect(stillCooling.executions).toHaveLength(2);
    expect(stillCooling.looks).toEqual(rang.looks);
    expect(rang.looks).toHaveLength(1);
    expectAbout(rang.looks[0]?.input.coolDownEndedAt, day(20) + 18 * HOUR_MS);
  });

  it('an alarm that never stopped ringing starts one more training when the cool-down ends', () => {
    const { rang, stillCooling, rangOn } = story;

    expect(stillCooling.ringing).toBe(true);
    expect(rangOn.transitions).toEqual(rang.transitions);
    expect(rangOn.executions).toHaveLength(3);
    expect(newestCause(rangOn)).toMatchObject({
      kind: 'alarm',
      alarmName: DRIFT_ALARM,
      stateChangedAt: newestCause(rang).stateChangedAt,
      coolDownEndedAt: rang.looks[0]?.input.coolDownEndedAt,
    });
    expectAbout(isoTime(rangOn.runs.at(-1)?.startedAtMs ?? 0), day(20) + 19 * HOUR_MS);
  });

  it('the look delivered twice starts one training', () => {
    const { rangOn, lookTwice, quiet } = story;

    expect(lookTwice).toMatchObject([{ outcome: 'duplicate', runId: rangOn.executions.at(-1)?.name }]);
    expect(quiet.executions).toHaveLength(3);
    expect(quiet.looks).toEqual(rangOn.looks);
  });

  it('an alarm that rings anew inside the cool-down starts nothing, says so, and one look stands', () => {
    const { quiet, rangAnew } = story;

    expect(quiet.ringing).toBe(false);
    expect(rangAnew.transitions.slice(2)).toMatchObject([{ to: 'OK' }, { to: 'ALARM' }]);
    expect(rangAnew.executions).toHaveLength(3);
    expect(quiet.refusals).toEqual([]);
    expect(rangAnew.refusals).toHaveLength(1);
    expect(rangAnew.refusals[0]).toContain('\nthe cool-down after the last start lasts until 2001-01-24 07:00 UTC');
    expect(rangAnew.refusals[0]).toContain(`Asked for by alarm: ${DRIFT_ALARM}, which rang at 2001-01-`);
    expect(rangAnew.looks).toHaveLength(1);
    expectAbout(rangAnew.looks[0]?.input.coolDownEndedAt, day(23) + 7 * HOUR_MS);
  });

  it('an alarm that rang anew starts one training when the cool-down ends', () => {
    const { rangAnew, heard } = story;

    expect(heard.executions).toHaveLength(4);
    expect(newestCause(heard)).toMatchObject({
      kind: 'alarm',
      stateChangedAt: isoTime(rangAnew.transitions.at(-1)?.atMs ?? 0),
      coolDownEndedAt: rangAnew.looks[0]?.input.coolDownEndedAt,
    });
  });

  it('a look that finds the alarm quiet starts nothing and is the last', () => {
    const { heard, over } = story;

    expect(heard.looks).toHaveLength(1);
    expect(over.ringing).toBe(false);
    expect(over.executions).toHaveLength(4);
    expect(over.looks).toEqual([]);
    expect(over.refusals).toHaveLength(1);
  });
});
