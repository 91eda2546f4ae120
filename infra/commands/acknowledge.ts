import { writeFile } from 'node:fs/promises';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import { carryOut, readCommandLine } from './command-line.ts';
import { openPlatform } from './open-platform.ts';
import { readModelName } from './read-subject.ts';
import { readStage, STAGE_OPTIONS, STAGE_USAGE } from './stage-access.ts';
import { textTable } from './text-table.ts';

const USAGE = `millrace acknowledge MODEL [ID (--note TEXT | --html FILE)] [--json]
  ${STAGE_USAGE}

Says that somebody has seen a notification: a severe one is repeated daily until then, or until it is over. Without an ID,
what people were told of the model, the latest first. --html writes what was told of it as a page, with its picture, and
acknowledges nothing.`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const { values, words } = readCommandLine({ ...STAGE_OPTIONS, note: text, html: text, json: flag, help: flag }, USAGE);

interface Shown {
  readonly id: string;
  readonly severity: string;
  readonly title: string;
  readonly openedAtMs: number;
  readonly overAtMs?: number;
  /** It happened, and does not go on. */
  readonly once?: true;
  readonly tellings: readonly object[];
  readonly acknowledged?: { readonly by: string; readonly note: string };
}

const stateOf = ({ overAtMs, once, tellings, acknowledged }: Shown): string => {
  if (acknowledged !== undefined) return `acknowledged by ${acknowledged.by}: ${acknowledged.note}`;
  if (once === true) return tellings.length === 0 ? 'happened; nobody asks to be told' : 'told once';
  return overAtMs === undefined ? 'open' : `over since ${isoTime(overAtMs)}`;
};

const tell = (model: string, items: readonly Shown[]): string => {
  if (items.length === 0) return `nobody was told anything of ${model} yet`;
  const rows = items.map((item) => [item.id, item.severity, isoTime(item.openedAtMs), item.title, stateOf(item)]);
  return textTable([['ID', 'SEVERITY', 'SINCE', 'WHAT', 'STATE'], ...rows]);
};

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
    const { items } = (await api.get(`/models/${model}/notifications`)) as { readonly items: readonly Shown[] };
    console.log(values.json ? JSON.stringify(items, null, 2) : tell(model, items));
    return;
  }
  if (values.html !== undefined) {
    await writeFile(values.html, await api.text(`/models/${model}/notifications/${id}?format=html`));
    console.log(`${values.html}: ${id} of ${model}`);
    return;
  }
  const answer = (await api.post(`/models/${model}/notifications/${id}/acknowledge`, { note: values.note })) as Shown;
  console.log(values.json ? JSON.stringify(answer, null, 2) : `${id} is ${stateOf(answer)}`);
};

if (values.help) console.log(USAGE);
else await carryOut(main, USAGE);
