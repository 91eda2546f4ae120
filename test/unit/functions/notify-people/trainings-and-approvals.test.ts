import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../../../../shared/kernel/time.ts';
import { decided, event, openNotifier, STAGE_TOPIC, START_MS } from '../../../helpers/notifier-bench.ts';

describe('what notify-people tells of trainings and approvals', () => {
  it('tells the stage of every refused training, with its cause and what to type, and each only once', async () => {
    const { handle, mails } = openNotifier();
    const cause = {
      kind: 'alarm',
      alarmName: 'millrace-local-toy-drift',
      alarmArn: 'a',
      stateChangedAt: '2001-02-17T05:00:09.000Z',
      reason: 'r',
    };
    const refused = (atMs: number) =>
      event('Training Refused', { model: 'toy', cause, reason: 'the candidate was refused by its quality gate' }, atMs);

    for (const atMs of [START_MS, START_MS, START_MS + DAY_MS]) await handle(refused(atMs));

    const toStage = mails.filter(({ topicArn }) => topicArn === STAGE_TOPIC);
    expect(toStage.map(({ subject }) => subject)).toEqual(Array(2).fill('[medium] a training of toy was refused'));
    expect(toStage[0]?.text).toContain(
      'the candidate was refused by its quality gate\nAsked for by alarm: millrace-local-toy-drift, which rang at 2001-02-17 05:00 UTC. Nothing changes in what serves',
    );
    expect(toStage[0]?.text).toContain('npx millrace status toy');
  });

  it.each([
    ['Model Version Approved', 'version 2 of toy was approved by ann', 'its rollout follows'],
    ['Model Version Rejected', 'version 2 of toy was rejected by ann', 'too slow'],
  ])('tells the stage what to type for a version that waits, and ends that with %s', async (type, title, text) => {
    const { handle, mails, store } = openNotifier();
    const about = { model: 'toy', version: 2 };

    await handle(event('Approval Requested', { ...about, runId: 'run-1' }));
    expect(mails.map(({ topicArn }) => topicArn)).toEqual([STAGE_TOPIC, 'mail-topic']);
    expect(mails[0]?.subject).toBe('[medium] version 2 of toy waits for approval');
    expect(mails[0]?.text).toContain('npx millrace approve toy@2 --reason TEXT');
    const [waiting] = await store.list('toy');
    expect(waiting).not.toHaveProperty('overAtMs');

    const decided = { ...about, principal: 'ann', reason: 'too slow' };
    await handle(event(type, decided, START_MS + DAY_MS));
    // Announced again, the decision stands as it was; asked for again, the approval does not.
    await handle(event(type, decided, START_MS + 2 * DAY_MS));
    await handle(event('Approval Requested', { ...about, runId: 'run-1' }));

    expect(await store.list('toy')).toMatchObject([{ title, text, overAtMs: START_MS + DAY_MS }]);
    expect(mails).toHaveLength(2);
  });

  it('says how an approval came out that was noted before such ones waited, and makes none where nobody was asked', async () => {
    const { handle, store } = openNotifier();
    const approved = event('Model Version Approved', { model: 'toy', version: 2, principal: 'ann' }, START_MS + DAY_MS);
    await handle(approved);
    expect(await store.list('toy')).toEqual([]);
    await handle(event('Approval Requested', { model: 'toy', version: 2, runId: 'run-1' }));
    await store.change({ model: 'toy', subject: 'approval-2' }, (standing) =>
      standing === undefined ? undefined : { ...standing, once: true, overAtMs: START_MS },
    );

    await handle(approved);

    expect((await store.list('toy'))[0]).toMatchObject({ title: expect.stringContaining('was approved by ann') });
  });

  it('names a decision about retraining by what becomes of the model', async () => {
    const { handle, store } = openNotifier();

    for (const decision of ['retrain', 'wait', 'person'] as const) {
      await handle(decided(decision, decision));
    }

    expect((await store.list('toy')).map(({ title }) => title).toSorted()).toEqual([
      'toy is not retrained',
      'toy is retrained',
      "whether to retrain toy is a person's to say",
    ]);
  });
});
