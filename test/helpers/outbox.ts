import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the alarm topic sent to the operator: an event's whole JSON, a CloudWatch alarm's, or what was written for people. */
interface Mail {
  readonly to: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The mails of an embedded cloud, oldest first. */
export const readMails = (stateFolder: string): readonly Mail[] => {
  const folder = join(stateFolder, 'outbox');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((name) => {
      const { to, message } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
      return { to, body: message.startsWith('{') ? JSON.parse(message) : { text: message } };
    });
};

/** The details of the mailed events of a type. */
export const mailedDetails = (stateFolder: string, detailType: string): readonly Readonly<Record<string, unknown>>[] =>
  readMails(stateFolder)
    .filter(({ body }) => body['detail-type'] === detailType)
    .map(({ body }) => body.detail as Readonly<Record<string, unknown>>);

/** What was written for people under a title, oldest first. */
export const mailedTexts = (stateFolder: string, title: RegExp): readonly string[] =>
  readMails(stateFolder)
    .map(({ body }) => String(body.text ?? ''))
    .filter((text) => title.test(text.split('\n', 1)[0] ?? ''));
