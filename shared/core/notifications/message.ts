import { isoTime } from '../../kernel/time.ts';
import { htmlPage, renderFacts, renderNote, renderSection, renderText } from '../reports/index.ts';
import type { NotificationEvent, NotificationRecord } from './notification.ts';

/** How people are told: as an e-mail in plain text, as JSON to a webhook, as a page with the picture. */

/** SNS takes no longer one, and ASCII only. */
const LONGEST_SUBJECT = 100;

/** The subject of an e-mail. */
export const messageSubject = ({ title, severity }: NotificationRecord, round: number): string =>
  `${round > 1 ? `Still (${round}): ` : ''}[${severity}] ${title}`
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, LONGEST_SUBJECT);

export const acknowledgePath = ({ model, id }: Pick<NotificationRecord, 'model' | 'id'>): string =>
  `/models/${model}/notifications/${id}/acknowledge`;

export const notificationPath = ({ model, id }: Pick<NotificationRecord, 'model' | 'id'>): string =>
  `/models/${model}/notifications/${id}`;

const OF_A_DAY: readonly NotificationEvent[] = ['drift', 'quality', 'tests'];

/** A mail has no address of the API, and its reader no signature at hand: a command has both. */
const reportLine = ({ model, day, report, event }: NotificationRecord): readonly string[] => {
  if (day !== undefined && OF_A_DAY.includes(event)) return [`Report: npx millrace report ${model} --day ${day}`];
  return report === undefined ? [] : [`Report: GET ${report}`];
};

const HEADINGS: Readonly<Record<Exclude<NotificationEvent, 'alarm'>, string>> = {
  drift: 'drift',
  quality: 'quality-degraded',
  tests: 'tests-failed',
  retraining: 'a-person-decides-about-retraining',
  rollout: 'notices-without-an-alarm',
  approval: 'notices-without-an-alarm',
};

/** Where it is written what it means and what helps. */
export const runbookPlace = ({ event, subject }: Pick<NotificationRecord, 'event' | 'subject'>): string =>
  `infra/RUNBOOK.md#${event === 'alarm' ? subject.replace(/^alarm-/, '') : HEADINGS[event]}`;

const waits = ({ once, severity }: NotificationRecord): boolean => once !== true && severity === 'high';

/** Paths are those of the platform API. */
export const messageText = (record: NotificationRecord): string => {
  const { title, text, openedAtMs, model, id } = record;
  return [
    title,
    '',
    text,
    '',
    `Since: ${isoTime(openedAtMs)}`,
    ...reportLine(record),
    `What it means, and what helps: ${runbookPlace(record)}`,
    `With its picture: npx millrace acknowledge ${model} ${id} --html ${id}.html`,
    `Acknowledge: npx millrace acknowledge ${model} ${id} --note TEXT`,
    ...(waits(record) ? ['It is repeated daily until somebody does, or it is over.'] : []),
    '',
  ].join('\n');
};

/** What a webhook is posted: the same bytes in every attempt of a round. */
export const messageBody = (record: NotificationRecord, round: number, picture: string | undefined): string => {
  const { id, model, event, subject, severity, title, text, openedAtMs, report, day } = record;
  return JSON.stringify({
    schemaVersion: 1,
    id,
    model,
    event,
    subject,
    severity,
    title,
    text,
    openedAt: isoTime(openedAtMs),
    round,
    ...(day === undefined ? {} : { day }),
    ...(report === undefined ? {} : { report }),
    page: notificationPath(record),
    acknowledge: acknowledgePath(record),
    ...(picture === undefined ? {} : { picture }),
  });
};

/** The page that stands beside the report; it can be sent as a mail, too. @param picture a figure, as HTML */
export const renderNotification = (record: NotificationRecord, picture: string | undefined): string => {
  const { model, id, title, text, severity, event, openedAtMs, report, day } = record;
  return htmlPage({
    title,
    links: report === undefined ? [] : [{ href: `../../..${report}`, text: 'Report' }],
    sections: [
      renderSection(
        'What happened',
        ...text.split('\n').map(renderText),
        renderFacts([
          ['model', model],
          ['event', event],
          ['severity', severity],
          ['since', isoTime(openedAtMs)],
          ['day', day],
        ]),
      ),
      ...(picture === undefined ? [] : [renderSection('Picture', picture)]),
      renderSection(
        'What to do',
        renderText(`What it means, and what helps: ${runbookPlace(record)}`),
        renderText(`npx millrace acknowledge ${model} ${id} --note TEXT`),
        renderNote(
          waits(record) ? 'It is repeated daily until somebody acknowledges it, or it is over.' : 'It is told once.',
        ),
      ),
    ],
  });
};
