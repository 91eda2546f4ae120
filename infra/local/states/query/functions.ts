import { createHash } from 'node:crypto';
import type { JsonValue } from '../../../../shared/kernel/json.ts';
import { compileExpression } from './expression.ts';

/** What the functions need from outside: the virtual clock and a source of randomness. */
export interface QueryEnvironment {
  nowMs(): number;
  random(): number;
  newId(): string;
}

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};
const RANGE_LIMIT = 1_000;

const isInteger = (value: unknown): value is number => typeof value === 'number' && Number.isInteger(value);

const partition = (array: unknown, size: unknown): readonly JsonValue[] => {
  if (!Array.isArray(array)) throw new Error('$partition: the first argument must be an array');
  if (!isInteger(size) || size < 1) throw new Error('$partition: the chunk size must be a positive integer');
  return Array.from({ length: Math.ceil(array.length / size) }, (_, i) => array.slice(i * size, (i + 1) * size));
};

const range = (first: unknown, last: unknown, step: unknown): readonly number[] => {
  if (!isInteger(first) || !isInteger(last) || !isInteger(step)) throw new Error('$range: arguments must be integers');
  if (step === 0) throw new Error('$range: the step must not be 0');
  const count = Math.max(0, Math.floor((last - first) / step) + 1);
  if (count > RANGE_LIMIT) throw new Error(`$range: at most ${RANGE_LIMIT} items, got ${count}`);
  return Array.from({ length: count }, (_, i) => first + i * step);
};

const hash = (text: unknown, algorithm: unknown): string => {
  const name = HASHES[String(algorithm)];
  if (typeof text !== 'string') throw new Error('$hash: the first argument must be a string');
  if (name === undefined) throw new Error(`$hash: algorithm must be one of ${Object.keys(HASHES).join(', ')}`);
  return createHash(name).update(text).digest('hex');
};

/** A seeded number in [0, 1): the same seed gives the same number, as `$random(seed)` promises. */
const seededRandom = (seed: number): number =>
  createHash('sha256').update(String(seed)).digest().readUInt32BE(0) / 2 ** 32;

const parse = (text: unknown): JsonValue => {
  if (typeof text !== 'string') throw new Error('$parse: the argument must be a string');
  return JSON.parse(text) as JsonValue;
};

/** Fisher and Yates: JSONata's own `$shuffle` draws from the process. */
const shuffle = (items: unknown, random: () => number): readonly unknown[] => {
  const shuffled = Array.isArray(items) ? [...items] : [items];
  for (let left = shuffled.length; left > 1; left -= 1) {
    const drawn = Math.floor(random() * left);
    [shuffled[left - 1], shuffled[drawn]] = [shuffled[drawn], shuffled[left - 1]];
  }
  return shuffled;
};

/**
 * Bindings for one evaluation: Step Functions' own functions, and JSONata's `$now` and `$millis` moved to the virtual
 * clock (JSONata reads the process's clock) and `$shuffle` to the source of chance. `$eval` does not exist on Step Functions.
 */
export const createFunctions = (environment: QueryEnvironment): Readonly<Record<string, unknown>> => {
  const nowMs = environment.nowMs();
  return {
    partition,
    range,
    hash,
    parse,
    uuid: () => environment.newId(),
    random: (seed?: unknown) => (typeof seed === 'number' ? seededRandom(seed) : environment.random()),
    shuffle: (items: unknown) => (items === undefined ? undefined : shuffle(items, environment.random)),
    millis: () => nowMs,
    now: (picture?: unknown, timezone?: unknown) =>
      compileExpression('$fromMillis($ms, $picture, $timezone)').evaluate(undefined, { ms: nowMs, picture, timezone }),
    eval: () => {
      throw new Error('$eval is not supported by Step Functions; use $parse to read JSON');
    },
  };
};
