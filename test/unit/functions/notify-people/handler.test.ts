import { describe, expect, it } from 'vitest';
import { driftReportKey, runPrefix } from '../../../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { notificationPageKey } from '../../../../shared/contracts/notifications.ts';
import { RETRAINING_WORTH_FILE } from '../../../../shared/contracts/retraining-worth.ts';
import { acknowledge } from '../../../../shared/core/notifications/index.ts';
import type { PostResult } from '../../../../shared/http/index.ts';
import { DAY_MS } from '../../../../shared/kernel/time.ts';
import { decided, event, openNotifier, STAGE_TOPIC, START_MS } from '../../../helpers/notifier-bench.ts';
import { weighedRun } from '../../../helpers/weighed-run.ts';

const drifted = (atMs = START_MS) =>
  event('Drift Detected', { model: 'toy', version: 1, windowEnd: '2001-02-17T00:00:00Z', predictionPsi: 0.31 }, atMs);
const alarm = (value: 'ALARM' | 'OK', atMs = START_MS, kind = 'drift') =>
  event(
    'CloudWatch Alarm State Change',
    { alarmName: `millrace-local-toy-${kind}`, state: { value, reason: 'Threshold Crossed' } },
    atMs,
  );
const dayWritten = (open: readonly string[], atMs: number) =>
  event(
    'Daily Report Written',
    { model: 'toy', day: '2001-02-17', open, report: '/models/toy/reports/2001-02-17' },
    atMs,
  );

const DOWN: PostResult = { kind: 'unreachable', reason: 'ECONNREFUSED' };

describe('notify-people', () => {
  it('tells an episode once, whether its event comes twice or an alarm says the same', async () => {
    const { handle, mails, posted, store } = openNotifier();

    await handle(drifted());
    await handle(drifted());
    await handle(alarm('ALARM', START_MS + 60_000));
    await handle(alarm('ALARM', START_MS + 60_000));

    expect(mails.map(({ topicArn, recipients }) => [topicArn, recipients])).toEqual([
      ['mail-topic', ['owner@example.com']],
    ]);
    expect(posted).toHaveLength(1);
    expect(await store.list('toy')).toHaveLength(1);
  });

  it('signs what it posts, with the picture of the day and the way to acknowledge it', async () => {
    const { handle, posted, data, store, mails } = openNotifier();
    const report = { comparison: { columns: [{ name: 'distance', psi: 0.4 }] } };
    await data.put(driftReportKey('toy', '2001-02-16'), toJsonFile(report));

    await handle(alarm('ALARM'));

    const [record] = await store.list('toy');
    const body = JSON.parse(posted[0]?.body ?? '{}');
    expect(posted[0]?.headers).toMatchObject({ 'X-MLflow-Signature': expect.stringMatching(/^v1,/) });
    expect(body).toMatchObject({ model: 'toy', event: 'drift', severity: 'high', round: 1, id: record?.id });
    expect(body.picture).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg".*distance/s);
    expect(body.acknowledge).toBe(`/models/toy/notifications/${record?.id}/acknowledge`);
    expect(mails[0]?.text).toContain(`npx millrace acknowledge toy ${record?.id} --note TEXT`);
    const page = new TextDecoder().decode(await data.get(notificationPageKey('toy', record?.id ?? '')));
    expect(page).toContain('PSI by feature');
  });

  it('tells of a retraining by what it would have gained, as a mail, as JSON and as a page', async () => {
    const hook = { to: 'webhook', target: 'https://hook.example.com/all', minSeverity: 'low' };
    const { handle, posted, mails, artifacts, data, store } = openNotifier([], [hook]);
    await artifacts.put(`${runPrefix('toy', 'run-1')}${RETRAINING_WORTH_FILE}`, toJsonFile(weighedRun()));

    await handle(decided('person'));

    const [record] = await store.list('toy');
    expect(mails[0]?.text).toContain(`With its picture: npx millrace acknowledge toy ${record?.id} --html`);
    expect(JSON.parse(posted[0]?.body ?? '{}').picture).toContain('What retraining would have gained');
    const page = new TextDecoder().decode(await data.get(notificationPageKey('toy', record?.id ?? '')));
    expect(page).toContain('it pays above 0.002');
  });

  it.each([
    ['nothing of it is on record', undefined, 'no back-test was found'],
    ['what is on record cannot be read', '{', 'what it is drawn from could not be read (SyntaxError)'],
    ['what is on record is another thing', '{"backTest":{"days":[{}]}}', 'could not be read (TypeError)'],
  ])('tells people also where %s, and that the picture is missing', async (_, stored, why) => {
    const hook = { to: 'webhook', target: 'https://hook.example.com/all', minSeverity: 'low' };
    const { handle, posted, mails, artifacts, data, store } = openNotifier([], [hook]);
    const key = `${runPrefix('toy', 'run-1')}${RETRAINING_WORTH_FILE}`;
    if (stored !== undefined) await artifacts.put(key, new TextEncoder().encode(stored));

    await handle(decided('person'));

    const [record] = await store.list('toy');
    expect(mails[0]?.text).toContain(why);
    expect(mails[0]?.text).not.toContain('With its picture');
    const body = JSON.parse(posted[0]?.body ?? '{}');
    expect(body.pictureMissing).toContain(why);
    expect(body).not.toHaveProperty('picture');
    const page = new TextDecoder().decode(await data.get(notificationPageKey('toy', record?.id ?? '')));
    expect(page).toContain(why);
  });

  it('tells whoever asks for it that a rollout began and how it ended, each once, and nobody else', async () => {
    const { handle, mails } = openNotifier([], [{ to: 'email', target: 'all@example.com', minSeverity: 'low' }]);
    const about = { model: 'toy', version: 2, rolloutId: 'r-1' };
    const happened = [
      event('Rollout Started', { ...about, kind: 'model' }),
      event('Rollout Promoted', about),
      event('Rollout Rolled Back', { ...about, reason: 'a person went back' }),
    ];

    for (const one of [...happened, ...happened]) await handle(one);

    const told = (address: string) =>
      mails.filter(({ recipients }) => recipients?.includes(address)).map(({ subject }) => subject);
    expect(told('all@example.com')).toEqual([
      '[low] a rollout of version 2 of toy began',
      '[low] version 2 of toy was promoted',
      '[high] version 2 of toy was rolled back',
    ]);
    expect(told('owner@example.com')).toEqual(['[high] version 2 of toy was rolled back']);
  });

  it('tries a receiver that is down again, fails the invocation, and then tells nobody twice', async () => {
    const { handle, posted, mails } = openNotifier([DOWN, DOWN, DOWN, DOWN]);

    await expect(handle(alarm('ALARM'))).rejects.toThrow('1 of 2 targets could not be told yet');
    expect([posted.length, mails.length]).toEqual([3, 1]);

    await handle(alarm('ALARM'));
    expect([posted.length, mails.length]).toEqual([5, 1]);
    expect(new Set(posted.map(({ headers }) => headers['X-MLflow-Delivery-Id'])).size).toBe(1);
    await handle(alarm('ALARM'));
    expect(posted).toHaveLength(5);
  });

  it('gives up on a receiver that refuses, and says so', async () => {
    const { handle, store } = openNotifier([{ kind: 'answered', status: 410, body: '' }]);

    await handle(alarm('ALARM'));

    const [record] = await store.list('toy');
    expect(record?.tellings.map(({ status, errorMessage }) => [status, errorMessage])).toEqual([
      ['told', undefined],
      ['failed', 'the receiver answered 410'],
    ]);
  });

  it('keeps an acknowledgement that comes while it is being sent, and does not try again', async () => {
    const { handle, store, posted, whilePosting } = openNotifier([DOWN, DOWN, DOWN]);
    const word = { by: 'me', atMs: START_MS + 5_000, note: 'seen' };
    whilePosting(() =>
      store.change({ model: 'toy', subject: 'drift' }, (standing) => standing && acknowledge(standing, word)),
    );

    await expect(handle(alarm('ALARM'))).rejects.toThrow('could not be told yet');
    await handle(alarm('ALARM'));

    const [record] = await store.list('toy');
    expect(record?.acknowledged).toEqual(word);
    expect(record?.tellings.map(({ status }) => status)).toEqual(['told', 'dropped']);
    expect(posted).toHaveLength(3);
  });

  it('repeats what is severe each day until it is over, and then begins anew', async () => {
    const { handle, mails, store } = openNotifier();
    await handle(alarm('ALARM'));

    await handle(dayWritten(['drift'], START_MS + DAY_MS), START_MS + DAY_MS);
    await handle(dayWritten(['drift'], START_MS + DAY_MS), START_MS + DAY_MS + 1_000);
    expect(mails.map(({ subject }) => subject)).toEqual(['[high] toy drifts', 'Still (2): [high] toy drifts']);

    await handle(dayWritten([], START_MS + 2 * DAY_MS), START_MS + 2 * DAY_MS);
    await handle(dayWritten(['drift'], START_MS + 3 * DAY_MS), START_MS + 3 * DAY_MS);
    expect(mails).toHaveLength(2);
    await handle(drifted(START_MS + 4 * DAY_MS), START_MS + 4 * DAY_MS);
    expect(mails).toHaveLength(3);
    expect(await store.list('toy')).toHaveLength(2);
  });

  it('tells the stage of failed tests, but not what only low ones say', async () => {
    const { handle, mails } = openNotifier();
    const failed = (severity: string, since: string) =>
      event('Monitoring Tests Failed', {
        model: 'toy',
        day: '2001-02-17',
        since,
        severity,
        failing: [{ id: 'schema-faults', severity, reason: '1, must be at most 0' }],
        report: '/models/toy/reports/2001-02-17',
      });

    await handle(failed('low', '2001-02-16'));
    expect(mails).toEqual([]);
    await handle(failed('medium', '2001-02-17'));
    expect(mails.map(({ topicArn }) => topicArn)).toEqual([STAGE_TOPIC, 'mail-topic']);
    expect(mails[0]?.text).toContain('schema-faults (medium): 1, must be at most 0');
  });

  it('leaves alarms alone that are no model’s, and ends an episode when its alarm is over', async () => {
    const { handle, mails, store } = openNotifier();
    const strange = { alarmName: 'millrace-local-dead-letters', state: { value: 'ALARM', reason: '' } };

    await handle(event('CloudWatch Alarm State Change', strange));
    expect(mails).toEqual([]);
    await handle(alarm('ALARM', START_MS, 'errors'));
    await handle(alarm('OK', START_MS + DAY_MS, 'errors'), START_MS + DAY_MS);
    expect(await store.list('toy')).toMatchObject([
      {
        subject: 'alarm-errors',
        overAtMs: START_MS + DAY_MS,
      },
    ]);
  });

  it('keeps an episode of drift whose alarm goes off and on: the daily report says when it is over', async () => {
    const { handle, posted, store } = openNotifier();

    await handle(alarm('ALARM'));
    await handle(alarm('OK', START_MS + DAY_MS), START_MS + DAY_MS);
    await handle(dayWritten(['drift'], START_MS + DAY_MS + 1), START_MS + DAY_MS + 1);
    await handle(alarm('ALARM', START_MS + 2 * DAY_MS), START_MS + 2 * DAY_MS);

    expect(await store.list('toy')).toMatchObject([{ subject: 'drift', openedAtMs: START_MS }]);
    expect(new Set(posted.map(({ body }) => JSON.parse(body).id)).size).toBe(1);
    await handle(dayWritten([], START_MS + 3 * DAY_MS), START_MS + 3 * DAY_MS);
    expect((await store.list('toy'))[0]?.overAtMs).toBe(START_MS + 3 * DAY_MS);
  });
});
