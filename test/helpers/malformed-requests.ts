import type { ServableModel } from '../../shared/core/inference/index.ts';
import { type Json, type Luck, luckOf, type Sound, soundOf } from './sound-requests.ts';

/**
 * Requests to the serving APIs that are right but for one to three faults, or wrong altogether, of every form that the
 * APIs take: each is drawn from a seed, so that a failure can be repeated by its number.
 */

export interface MalformedRequest {
  readonly method: string;
  /** With its leading slash, as it goes over the wire. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const utf8 = new TextEncoder();
const bytesOf = (text: string): Uint8Array => Uint8Array.from(utf8.encode(text));

const HOSTILE: readonly Json[] = [
  null,
  true,
  '',
  'NaN',
  '__proto__',
  -1,
  0,
  0.5,
  -0,
  1e308,
  2 ** 31,
  2 ** 53,
  1e19,
  [],
  {},
  [[]],
  [null],
  [[1, [2]]],
  [[[[[[1]]]]]],
  { toString: 1 },
  { toString: 1, valueOf: 1, toJSON: 1 },
  { length: 2 ** 32, 0: 1 },
  JSON.parse('{"then":1,"__proto__":{"data":[1]}}'),
  '\ud800',
  '\u0000',
  [2 ** 31, 2 ** 31],
  [-1, -1],
  [2 ** 53, 2 ** 53],
  [0, 2 ** 31],
  [1e308],
  [0.5],
  'BYTES',
  'FP16',
  'x'.repeat(5_000),
];

const HOSTILE_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'data',
  'shape',
  '',
  '\ud800',
  'binary_data_size',
];

/** Long or odd literals that no JSON writer makes of a value. */
const LITERALS = [
  'NaN',
  'Infinity',
  '-Infinity',
  '1e999',
  '-1e999',
  '9007199254740993',
  '-9223372036854775809',
  '18446744073709551616',
  `${'9'.repeat(400)}`,
  `0.${'1'.repeat(400)}`,
  '1e-400',
  '00',
  '+1',
  '0x10',
  '1_000',
  '"\\ud800"',
  '"\\u0000"',
  'undefined',
  '-',
  '',
];

/** The value with one of its places, drawn evenly, given to `change`. */
const changeOne = (json: Json, change: (place: Json) => Json | undefined, luck: Luck): Json => {
  let places = 0;
  JSON.stringify(json, (_key, value) => {
    places += 1;
    return value;
  });
  const chosen = luck.below(places);
  let seen = -1;
  const walk = (value: Json): Json | undefined => {
    seen += 1;
    if (seen === chosen) return change(value);
    if (Array.isArray(value)) return value.map(walk).filter((cell) => cell !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).map(([key, field]) => [key, walk(field)] as const);
    return Object.fromEntries(fields.filter((field): field is readonly [string, Json] => field[1] !== undefined));
  };
  return walk(json) ?? null;
};

const MARK = '@@literal@@';

/** An own key `__proto__`, as JSON has it and an assignment has not. */
const withKey = (place: Json, key: string, value: Json): Json =>
  typeof place === 'object' && place !== null && !Array.isArray(place)
    ? Object.fromEntries([...Object.entries(place), [key, value]])
    : { [key]: value };

const renamed = (place: Json, luck: Luck): Json => {
  if (typeof place !== 'object' || place === null || Array.isArray(place)) return luck.pick(HOSTILE);
  const entries = Object.entries(place);
  const chosen = luck.below(entries.length);
  return Object.fromEntries(entries.map(([key, value], i) => [i === chosen ? luck.pick(HOSTILE_KEYS) : key, value]));
};

type JsonFault = (json: Json, luck: Luck) => Json;

const JSON_FAULTS: readonly JsonFault[] = [
  (json, luck) => changeOne(json, () => luck.pick(HOSTILE), luck),
  (json, luck) => changeOne(json, () => undefined, luck),
  (json, luck) => changeOne(json, (place) => [place, place], luck),
  (json, luck) => changeOne(json, (place) => withKey(place, luck.pick(HOSTILE_KEYS), luck.pick(HOSTILE)), luck),
  (json, luck) => changeOne(json, (place) => renamed(place, luck), luck),
  (json, luck) => changeOne(json, () => MARK, luck),
  (json, luck) => changeOne(json, (place) => (typeof place === 'number' ? String(place) : [place]), luck),
];

const NEST = 100_000;
const RARELY = 0.002;
/** Spaces behind a body: more than an API under test should take. */
const TOO_LARGE = 400_000;

type TextFault = (text: string, luck: Luck) => string;

const at = (text: string, luck: Luck): number => luck.below(text.length + 1);

const TEXT_FAULTS: readonly TextFault[] = [
  (text, luck) => text.slice(0, at(text, luck)),
  (text, luck) => {
    const place = at(text, luck);
    return `${text.slice(0, place)}${luck.pick(['{', '}', '[', ']', ',', ':', '"', '\\', '\u0000', '\ufffd', '1', ...LITERALS])}${text.slice(place)}`;
  },
  (text, luck) => {
    const place = at(text, luck);
    return text.slice(0, place) + text.slice(place + 1 + luck.below(5));
  },
  // A key twice, which parsers read as the last.
  (text) => text.replace(/\{("[^"]*":)/, '{$1null,$1'),
  (text, luck) =>
    luck.happens(RARELY * 10) ? text.replace(/\d+/, '['.repeat(NEST) + ']'.repeat(NEST)) : `\ufeff${text}`,
  (text) => `${text}${text}`,
  (text, luck) => `${text}${' '.repeat(luck.happens(0.05) ? TOO_LARGE : 1)}`,
  () => '',
];

type BytesFault = (bytes: Uint8Array, luck: Luck) => Uint8Array;

const BYTES_FAULTS: readonly BytesFault[] = [
  (bytes, luck) => bytes.slice(0, luck.below(bytes.length + 1)),
  (bytes, luck) => Uint8Array.from([...bytes, ...Array.from({ length: 1 + luck.below(9) }, () => luck.below(256))]),
  (bytes, luck) => {
    const flipped = bytes.slice();
    if (flipped.length > 0) flipped[luck.below(flipped.length)] = luck.below(256);
    return flipped;
  },
];

const TYPES = [
  'application/json',
  'application/json; charset=utf-8',
  'application/octet-stream',
  'text/csv',
  'text/plain',
  '',
  ';',
  'application/json; charset=utf-16',
  'x'.repeat(3_000),
];

const headerFault = (headers: Record<string, string>, length: number, luck: Luck): void => {
  const lengths = [
    '-1',
    '0',
    '1e3',
    'NaN',
    '',
    '99999999999999999999',
    ' 5',
    String(length + 1),
    String(luck.below(length + 1)),
  ];
  const name = luck.pick([
    'content-type',
    'content-type',
    'inference-header-content-length',
    'content-encoding',
    'x-amzn-sagemaker-inference-id',
  ]);
  if (name === 'content-type') headers[name] = luck.pick(TYPES);
  else if (name === 'content-encoding') headers[name] = luck.pick(['gzip', 'identity', '', 'br, gzip']);
  else if (name === 'inference-header-content-length') headers[name] = luck.pick(lengths);
  else headers[name] = luck.pick(['id-1', 'a b', '', 'i'.repeat(300), '__proto__']);
};

const PATHS = [
  '/',
  '/v2',
  '/v2/models',
  '/v2/models/',
  '/v2/models/__proto__/infer',
  '/v2/models/%ff/infer',
  '/v2/models/%00/infer',
  '//',
  '/models//predict',
  '/models/constructor/invocations',
  '/v2/models/toy/versions/__proto__/infer',
  '/v2/models/toy/versions//infer',
  '/invocations',
  '/models/%2e%2e/predict',
  `/v2/models/${'m'.repeat(1_000)}/infer`,
];
const METHODS = ['GET', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];

const bodyOf = (sound: Sound, luck: Luck): { readonly head: Uint8Array; readonly raw: Uint8Array } => {
  let json = sound.json;
  const faults = luck.below(4);
  for (let i = 0; i < faults; i += 1) json = luck.pick(JSON_FAULTS)(json, luck);
  let text = (sound.csv ?? JSON.stringify(json)).replace(`"${MARK}"`, () => luck.pick(LITERALS));
  if (luck.happens(faults === 0 ? 0.8 : 0.15)) text = luck.pick(TEXT_FAULTS)(text, luck);
  let head = bytesOf(text);
  let raw = sound.raw ?? new Uint8Array(0);
  if (luck.happens(0.05)) head = Uint8Array.from(luck.pick(BYTES_FAULTS)(head, luck));
  if (raw.length > 0 && luck.happens(0.5)) raw = luck.pick(BYTES_FAULTS)(raw, luck);
  return { head, raw };
};

/**
 * The malformed request of a number. Some are right after all, as faults may be harmless.
 * @param models that the API under test has; their inputs are what the requests are made from.
 */
export const malformedRequest = (models: readonly ServableModel[], number: number): MalformedRequest => {
  const luck = luckOf(number * 2_654_435_761);
  const sound = soundOf(models, luck);
  const { head, raw } = bodyOf(sound, luck);
  const headers: Record<string, string> = { 'content-type': sound.csv === undefined ? 'application/json' : 'text/csv' };
  if (sound.raw !== undefined) {
    headers['content-type'] = 'application/octet-stream';
    headers['inference-header-content-length'] = String(head.length);
  }
  if (luck.happens(0.1)) headerFault(headers, head.length, luck);
  const body = new Uint8Array(head.length + raw.length);
  body.set(head);
  body.set(raw, head.length);
  return {
    method: luck.happens(0.01) ? luck.pick(METHODS) : 'POST',
    path: luck.happens(0.02) ? luck.pick(PATHS) : sound.path,
    headers,
    body,
  };
};

/** How many a run tries: `FUZZ` in the environment says otherwise than the default. */
export const fuzzCount = (byDefault: number): number => {
  const given = process.env.FUZZ;
  const count = given === undefined ? byDefault : Number(given);
  if (!Number.isInteger(count) || count < 1) throw new Error(`FUZZ must be a whole number from 1, got ${given}`);
  return count;
};
