import { isoTime } from '../../kernel/time.ts';
import {
  htmlPage,
  renderFacts,
  renderNote,
  renderSection,
  renderText,
  tellTellings,
  timeOf,
} from '../reports/index.ts';
import type { NotificationEvent, NotificationRecord } from './notification.ts';
import { type Picture, pictureFile } from './picture.ts';

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
const reportOf = ({ model, day, report, event }: NotificationRecord): string | undefined => {
  if (day !== undefined && OF_A_DAY.includes(event)) return `npx millrace report ${model} --day ${day}`;
  return report === undefined ? undefined : `GET ${report}`;
};

const pageLines = ({ model, id }: NotificationRecord, { missing }: Picture): readonly string[] => {
  const command = `npx millrace acknowledge ${model} ${id} --html ${id}.html`;
  return missing === undefined ? [`With its picture: ${command}`] : [`As a page: ${command}`, `No picture: ${missing}`];
};

const HEADINGS: Readonly<Record<Exclude<NotificationEvent, 'alarm' | 'retraining'>, string>> = {
  drift: 'drift',
  quality: 'quality-degraded',
  tests: 'tests-failed',
  rollout: 'notices-without-an-alarm',
  approval: 'notices-without-an-alarm',
};

type Placed = Pick<NotificationRecord, 'event' | 'subject' | 'severity'>;

const headingOf = ({ event, subject, severity }: Placed): string => {
  if (event === 'alarm') return subject.replace(/^alarm-/, '');
  if (event !== 'retraining') return HEADINGS[event];
  // Of decisions only the one that waits for somebody is severe.
  return severity === 'high' ? 'a-person-decides-about-retraining' : 'notices-without-an-alarm';
};

/** Where it is written what it means and what helps. */
export const runbookPlace = (placed: Placed): string => `infra/RUNBOOK.md#${headingOf(placed)}`;

const waits = ({ once, severity }: NotificationRecord): boolean => once !== true && severity === 'high';

/** Whether and how often it is told. */
const tellingNote = (record: NotificationRecord): string => {
  if (record.tellings.length === 0) return `Who was told: ${tellTellings(record)}.`;
  return waits(record) ? 'It is repeated daily until somebody acknowledges it, or it is over.' : 'It is told once.';
};

/** Paths are those of the platform API. */
export const messageText = (record: NotificationRecord, picture: Picture): string => {
  const { title, text, openedAtMs, model, id } = record;
  const report = reportOf(record);
  return [
    title,
    '',
    text,
    '',
    `Since: ${timeOf(openedAtMs)}`,
    ...(report === undefined ? [] : [`Report: ${report}`]),
    `What it means, and what helps: ${runbookPlace(record)}`,
    ...pageLines(record, picture),
    `Acknowledge: npx millrace acknowledge ${model} ${id} --note TEXT`,
    ...(waits(record) ? ['It is repeated daily until somebody does, or it is over.'] : []),
    '',
  ].join('\n');
};

/** What a webhook is posted: the same bytes in every attempt of a round. */
export const messageBody = (record: NotificationRecord, round: number, picture: Picture): string => {
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
    ...(picture.missing === undefined ? { picture: pictureFile(picture) } : { pictureMissing: picture.missing }),
  });
};

/** A page that is read from anywhere, as a file or a mail too: what else there is it names, and links to nothing. */
export const renderNotification = (record: NotificationRecord, picture: Picture): string => {
  const { model, id, title, text, severity, event, openedAtMs, day } = record;
  return htmlPage({
    title,
    sections: [
      renderSection(
        'What happened',
        ...text.split('\n').map(renderText),
        renderFacts([
          ['model', model],
          ['event', event],
          ['severity', severity],
          ['since', timeOf(openedAtMs)],
          ['day', day],
          ['report', reportOf(record)],
        ]),
      ),
      renderSection('Picture', picture.missing === undefined ? picture.html : renderNote(`None: ${picture.missing}.`)),
      renderSection(
        'What to do',
        renderText(`What it means, and what helps: ${runbookPlace(record)}`),
        renderText(`npx millrace acknowledge ${model} ${id} --note TEXT`),
        renderNote(tellingNote(record)),
      ),
    ],
  });
};
