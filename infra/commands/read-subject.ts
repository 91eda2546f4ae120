import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { utcDay } from '../../shared/kernel/time.ts';

/** What a command is about, as people write it. */

const MODEL = /^[a-z0-9-]{1,64}$/;
const MODEL_VERSION = /^([a-z0-9-]{1,64})@([1-9]\d{0,8})$/;

const only = (words: readonly string[], what: string): string => {
  const [first, second] = words;
  if (first === undefined) throw new InvalidRequestError(`${what} is required`);
  if (second !== undefined) throw new InvalidRequestError(`one ${what} at a time, got ${words.join(' ')}`);
  return first;
};

/** @throws InvalidRequestError */
export const readModelName = (words: readonly string[]): string => {
  const word = only(words, 'MODEL');
  if (MODEL.test(word)) return word;
  throw new InvalidRequestError(`MODEL must be a model's name, such as flight-delay, got ${word}`);
};

export interface VersionSubject {
  readonly model: string;
  readonly version: number;
}

/** `flight-delay@3`. @throws InvalidRequestError */
export const readModelVersion = (words: readonly string[]): VersionSubject => {
  const word = only(words, 'MODEL@VERSION');
  const [, model, version] = MODEL_VERSION.exec(word) ?? [];
  if (model !== undefined && version !== undefined) return { model, version: Number(version) };
  throw new InvalidRequestError(`the version must be written MODEL@VERSION, such as flight-delay@3, got ${word}`);
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The value of `--day`: a day of the calendar, which 2001-02-30 is not. @throws InvalidRequestError */
export const readDay = (text: string | undefined): string | undefined => {
  if (text === undefined) return undefined;
  const atMs = DAY.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(atMs) && utcDay(atMs) === text) return text;
  throw new InvalidRequestError(`--day must be a day as YYYY-MM-DD, got ${text}`);
};
