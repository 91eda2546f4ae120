import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  messageText,
  type NotificationEvent,
  type NotificationRecord,
  runbookPlace,
} from '../../../../../shared/core/notifications/index.ts';

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
    const [file, anchor] = runbookPlace({ event, subject }).split('#');

    expect(file).toBe('infra/RUNBOOK.md');
    expect(anchors).toContain(anchor);
    expect(messageText(record({ event, subject }))).toContain(`infra/RUNBOOK.md#${anchor}`);
  });

  it('names commands that its reader can type: for the report, the picture and the acknowledgement', () => {
    const lines = messageText(record()).split('\n');

    expect(lines).toContain('Report: npx millrace report toy-model --day 2001-02-18');
    expect(lines).toContain('With its picture: npx millrace acknowledge toy-model quality-1 --html quality-1.html');
    expect(lines).toContain('Acknowledge: npx millrace acknowledge toy-model quality-1 --note TEXT');
    expect(lines).toContain('It is repeated daily until somebody does, or it is over.');
  });

  it('names the report of the day also where the event brought none, and that of a rollout as the API has it', () => {
    const { report: _, ...drift } = record({ event: 'drift' });
    const rollout = messageText(
      record({ event: 'rollout', once: true, report: '/models/toy-model/rollouts/r/report' }),
    );

    expect(messageText(drift)).toContain('Report: npx millrace report toy-model --day 2001-02-18');
    expect(rollout).toContain('Report: GET /models/toy-model/rollouts/r/report');
    expect(rollout).not.toContain('repeated daily');
  });
});
