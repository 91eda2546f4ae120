import { captureDayPrefix } from '../../shared/contracts/artifacts.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { DAY_MS, isoTime, utcDay } from '../../shared/kernel/time.ts';
import { type Captures, predictionsHolding, readCompactedDay } from './read-captured.ts';

/** The predictions about one customer: every captured one that had a value in an input. */

export interface EntityRequest {
  readonly model: string;
  readonly input: string;
  readonly value: string;
  /** UTC days on which the predictions were captured, both included. */
  readonly from: string;
  readonly to: string;
  readonly cursor?: string | undefined;
}

export interface TouchedPrediction {
  readonly predictionId: string;
  readonly at: string;
  readonly version: number;
  /** Key in the data bucket of the object that holds it. */
  readonly object: string;
}

export interface EntityImpact {
  readonly predictions: readonly TouchedPrediction[];
  readonly objectCount: number;
  /** Where to go on; absent when everything was looked through. */
  readonly nextCursor?: string;
}

const MOST_DAYS = 366;
/** Of one answer: objects read, and predictions told. */
const MOST_OBJECTS = 100;
const MOST_PREDICTIONS = 1_000;
/** In the place of a line: the object was looked through. */
const WHOLE = 999_999_999;

/** The day, the last object of it that was read ('' for none), and the lines of that object already told. */
interface Position {
  readonly day: string;
  readonly key: string;
  readonly line: number;
}

const CURSOR = /^(\d{4}-\d{2}-\d{2}) (\d{1,9}) (\S*)$/;

const encode = ({ day, key, line }: Position): string => Buffer.from(`${day} ${line} ${key}`).toString('base64url');

const decode = ({ from, to, cursor }: EntityRequest): Position => {
  if (cursor === undefined) return { day: from, key: '', line: 0 };
  const [, day = '', line, key = ''] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (day === '' || day < from || day > to) throw new InvalidRequestError('cursor is not one that this list gave out');
  return { day, key, line: Number(line) };
};

const requireDays = ({ from, to }: EntityRequest): void => {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days < 1 || days > MOST_DAYS) {
    throw new InvalidRequestError(`from and to must span 1 to ${MOST_DAYS} days, got ${from} to ${to}`);
  }
};

interface Source {
  readonly key: string;
  readonly read: () => Promise<Uint8Array>;
}

/** A day's objects in the order of their keys; the one file of a day that is compacted. */
const sourcesOf = async (data: Captures, { model }: EntityRequest, day: string): Promise<readonly Source[]> => {
  const compacted = await readCompactedDay(data, model, day);
  if (compacted !== undefined) return [{ key: compacted.key, read: async () => compacted.body }];
  const objects = await data.list(captureDayPrefix(model, day));
  return objects.map(({ key }) => ({ key, read: () => data.get(key) }));
};

/** A number is found however it is written; text as it is. */
const isMeant = (actual: unknown, value: string): boolean =>
  actual === value || (typeof actual === 'number' && value.trim() !== '' && actual === Number(value));

/**
 * One page. The objects of a day that is compacted between two pages are read anew from its one file, so that nothing is
 * missed; the same prediction may then be told twice.
 */
export const searchEntity = async (data: Captures, request: EntityRequest): Promise<EntityImpact> => {
  requireDays(request);
  let position = decode(request);
  const predictions: TouchedPrediction[] = [];
  let objectCount = 0;
  const searchObject = async ({ key, read }: Source): Promise<boolean> => {
    const after = key === position.key ? position.line : 0;
    for (const { record, line } of predictionsHolding(await read(), JSON.stringify(request.input))) {
      const { inputs, sources, predictionId, atMs, version } = record;
      if (line < after || !isMeant(inputs[request.input] ?? sources?.entities[request.input], request.value)) continue;
      if (predictions.length === MOST_PREDICTIONS) {
        position = { ...position, key, line };
        return false;
      }
      predictions.push({ predictionId, at: isoTime(atMs), version, object: key });
    }
    position = { ...position, key, line: WHOLE };
    objectCount += 1;
    return true;
  };
  while (position.day <= request.to) {
    const sources = await sourcesOf(data, request, position.day);
    const { key: last, line } = position;
    for (const source of sources.filter(({ key }) => key > last || (key === last && line !== WHOLE))) {
      const goesOn = objectCount < MOST_OBJECTS && (await searchObject(source));
      if (!goesOn) return { predictions, objectCount, nextCursor: encode(position) };
    }
    position = { day: utcDay(Date.parse(position.day) + DAY_MS), key: '', line: 0 };
  }
  return { predictions, objectCount };
};
