import { writeFile } from 'node:fs/promises';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { notificationTable, type ShownNotification, tellState } from './notification-table.ts';
import { openPlatform } from './open-platform.ts';
import { readModelName } from './read-subject.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';

const USAGE = `millrace acknowledge MODEL [ID (--note TEXT | --html FILE)] [--json]
  ${STAGE_USAGE}

Says that somebody has seen a notification: a severe one is repeated daily until then, or until it is over. Without an ID,
what people were told of the model, the latest first. --html writes what was told of it as a page, with its picture, and
acknowledges nothing.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values, words } = readCommandLine({ ...STAGE_OPTIONS, note: text, html: text, json: flag, help: flag }, USAGE);

const ID = /^[a-z0-9-]{1,120}$/;

/** @throws InvalidRequestError for options that do not go together. */
const checkOptions = (model: string, id: string | undefined): void => {
  const { note, html } = values;
  if (id === undefined) {
    if (note !== undefined || html !== undefined)
      throw new InvalidRequestError(`--${note === undefined ? 'html' : 'note'} goes with an ID`);
    return;
  }
  if (!ID.test(id)) throw new InvalidRequestError(`ID must be one of millrace acknowledge ${model}, got ${id}`);
  if (html !== undefined && note !== undefined)
    throw new InvalidRequestError('--html only shows a notification, --note acknowledges it: one of them');
  if (note?.trim() === '') throw new InvalidRequestError('--note must say something');
  if (html === undefined && note === undefined)
    throw new InvalidRequestError('--note is required: it stands with the notification');
};

const main = async (): Promise<void> => {
  const [, id, ...more] = words;
  const model = readModelName(words.slice(0, 1));
  if (more.length > 0) throw new InvalidRequestError(`one ID at a time, got ${words.slice(1).join(' ')}`);
  checkOptions(model, id);
  const { stage, access } = await readStage(values);
  const api = await openPlatform(stage.name, access);
  if (id === undefined) {
    const { items } = (await api.get(`/models/${model}/notifications`)) as {
      readonly items: readonly ShownNotification[];
    };
    console.log(values.json ? JSON.stringify(items, null, 2) : notificationTable(model, items));
    return;
  }
  if (values.html !== undefined) {
    await writeFile(values.html, await api.text(`/models/${model}/notifications/${id}?format=html`));
    console.log(`${values.html}: ${id} of ${model}`);
    return;
  }
  const answer = (await api.post(`/models/${model}/notifications/${id}/acknowledge`, {
    note: values.note,
  })) as ShownNotification;
  console.log(values.json ? JSON.stringify(answer, null, 2) : `${id} is ${tellState(answer)}`);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
