import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  messageText,
  type NotificationEvent,
  type NotificationRecord,
  pictureOf,
  renderNotification,
  runbookPlace,
} from '../../../../../shared/core/notifications/index.ts';
import { deadLinks } from '../../../../helpers/dead-links.ts';
import { drawnRollout } from '../../../../helpers/judged-rollouts.ts';

const PICTURE = { html: '<figure></figure>' };

const record = (change: Partial<NotificationRecord> = {}): NotificationRecord => ({
  model: 'toy-model',
  event: 'quality',
  subject: 'quality',
  severity: 'high',
  title: 'toy-model predicts worse',
  text: 'log loss 0.6 lies above the limit',
  atMs: 0,
  report: '/models/toy-model/reports/2001-02-18',
  day: '2001-02-18',
  id: 'quality-1',
  openedAtMs: 0,
  heardAtMs: 0,
  tellings: [],
  ...change,
});

/** As GitHub makes them of headings. */
const anchors = [...readFileSync('infra/RUNBOOK.md', 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
  heading.toLowerCase().replaceAll(' ', '-'),
);

describe('what an e-mail says', () => {
  it.each<[NotificationEvent, string]>([
    ['drift', 'drift'],
    ['quality', 'quality'],
    ['tests', 'tests'],
    ['retraining', 'retraining-run-1'],
    ['rollout', 'rollout-1'],
    ['approval', 'approval-1'],
    ['alarm', 'alarm-sample-ratio'],
    ['alarm', 'alarm-heartbeat'],
  ])('says where the runbook has %s of %s', (event, subject) => {
    const [file, anchor] = runbookPlace({ event, subject, severity: 'high' }).split('#');

    expect(file).toBe('infra/RUNBOOK.md');
    expect(anchors).toContain(anchor);
    expect(messageText(record({ event, subject }), PICTURE)).toContain(`infra/RUNBOOK.md#${anchor}`);
  });

  it('sends nobody to what a person decides where nobody has to', () => {
    const places = (['high', 'low', 'medium'] as const).map((severity) =>
      runbookPlace({ event: 'retraining', subject: 'retraining-run-1', severity }),
    );

    expect(places.map((place) => place.split('#')[1])).toEqual([
      'a-person-decides-about-retraining',
      'notices-without-an-alarm',
      'notices-without-an-alarm',
    ]);
    expect(anchors).toContain('notices-without-an-alarm');
  });

  it('tells times as people read them', () => {
    expect(messageText(record({ openedAtMs: Date.UTC(2001, 1, 18, 6, 0, 1) }), PICTURE)).toContain(
      'Since: 2001-02-18 06:00 UTC\n',
    );
  });

  it('names commands that its reader can type: for the report, the picture and the acknowledgement', () => {
    const lines = messageText(record(), PICTURE).split('\n');

    expect(lines).toContain('Report: npx millrace report toy-model --day 2001-02-18');
    expect(lines).toContain('With its picture: npx millrace acknowledge toy-model quality-1 --html quality-1.html');
    expect(lines).toContain('Acknowledge: npx millrace acknowledge toy-model quality-1 --note TEXT');
    expect(lines).toContain('It is repeated daily until somebody does, or it is over.');
  });

  it('names the report of the day also where the event brought none, and that of a rollout as the API has it', () => {
    const { report: _, ...drift } = record({ event: 'drift' });
    const rollout = messageText(
      record({ event: 'rollout', once: true, report: '/models/toy-model/rollouts/r/report' }),
      PICTURE,
    );

    expect(messageText(drift, PICTURE)).toContain('Report: npx millrace report toy-model --day 2001-02-18');
    expect(rollout).toContain('Report: GET /models/toy-model/rollouts/r/report');
    expect(rollout).not.toContain('repeated daily');
  });

  it('says that there is no picture and why, and promises none', () => {
    const lines = messageText(record(), { missing: 'the day has no report' }).split('\n');

    expect(lines).toContain('No picture: the day has no report');
    expect(lines).toContain('As a page: npx millrace acknowledge toy-model quality-1 --html quality-1.html');
    expect(lines.join()).not.toContain('With its picture');
  });
});

describe('the page of a notification', () => {
  it('is read from anywhere: it links to nothing that is not in it, and names its report by a command', () => {
    const rollout = drawnRollout({ version: 3, errorShare: 0.05 });
    const page = renderNotification(record(), pictureOf('rollout', { rollout }));

    expect(deadLinks(page)).toEqual([]);
    expect(page).toContain('<dd>npx millrace report toy-model --day 2001-02-18</dd>');
    expect(page).toContain('errors, whole traffic');
  });

  it('says how it is told, and of what was told to nobody by name who told it', () => {
    const telling = { target: 'email a', round: 1, status: 'told', attemptCount: 1 } as const;
    const noteOf = (change: Partial<NotificationRecord>) => renderNotification(record(change), PICTURE);

    expect(noteOf({ tellings: [telling] })).toContain('It is repeated daily until somebody acknowledges it');
    expect(noteOf({ tellings: [telling], severity: 'medium' })).toContain('It is told once.');
    const rang = noteOf({ event: 'drift' });
    expect(rang).toContain('Who was told: by the alarm’s topic.');
    expect(rang).not.toContain('repeated daily');
  });

  it('says why it has no picture', () => {
    expect(renderNotification(record(), { missing: 'the day has <no> report' })).toContain(
      'None: the day has &lt;no&gt; report.',
    );
  });
});
