import { fc } from './properties.ts';
import type { RawCall } from './raw-call.ts';

/** One input tensor of the toy model, right but for a change. */
export const tensor = (name: string, change: object = {}): object => {
  const sound = name === 'x' ? { datatype: 'FP32', data: [0.5] } : { datatype: 'BYTES', data: ['a'] };
  return { name, shape: [1], ...sound, ...change };
};
/** An inference request of one row whose input `x` has a change. */
export const inputs = (change: object = {}): string =>
  JSON.stringify({ inputs: [tensor('x', change), tensor('kind')] });

const RIGHT_BODIES = [
  '{"features":{"x":0.5,"kind":"a"},"predictionId":"p"}',
  '{"instances":[{"features":{"x":0.5,"kind":"a"},"predictionId":"p"}]}',
  inputs({ parameters: {} }).replace('}]}', '}],"outputs":[{"name":"probability","parameters":{}}],"id":"r"}'),
  '{"predictionId":"p","label":1,"knownAt":"2001-01-02T00:00:00Z"}',
  '{"labels":[{"predictionId":"p","label":1}]}',
];

const WRONG_VALUES: readonly unknown[] = [
  { toString: 1 },
  { toString: 1, valueOf: 1 },
  [[1]],
  [null],
  {},
  [],
  '',
  '__proto__',
  1e308,
  -1,
  true,
  null,
];

/** The body with another value in its n-th place, counted as a reviver meets them; undefined beyond the last. */
const replaceAt = (body: string, place: number, wrong: unknown): string | undefined => {
  let seen = 0;
  const changed: unknown = JSON.parse(body, (_key, value) => {
    seen += 1;
    return seen === place ? wrong : value;
  });
  return place <= seen ? JSON.stringify(changed) : undefined;
};

const MOST_PLACES = 40;

/** Every body of ours with every wrong value in every single place. */
export const wrongInOnePlace = (): readonly string[] =>
  RIGHT_BODIES.flatMap((body) =>
    Array.from({ length: MOST_PLACES }, (_, i) => WRONG_VALUES.map((wrong) => replaceAt(body, i + 1, wrong))),
  )
    .flat()
    .filter((body) => body !== undefined);

/** Any JSON at all, alone or in one place of a body that is right otherwise. */
export const anyBody = fc
  .record({ body: fc.constantFrom(...RIGHT_BODIES), place: fc.nat(MOST_PLACES), wrong: fc.jsonValue({ maxDepth: 4 }) })
  .map(({ body, place, wrong }) => replaceAt(body, place, wrong) ?? JSON.stringify(wrong));

export const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
export const nestedObject = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
export const large = (megabytes: number): string => `{"features":{"kind":"${'a'.repeat(megabytes * 1024 * 1024)}"}}`;

/** A request whose numbers follow its JSON as bytes, and come back so. */
export const rawTensors = (): Pick<RawCall, 'headers' | 'body'> => {
  const json = JSON.stringify({
    inputs: [tensor('x', { data: undefined, parameters: { binary_data_size: 4 } }), tensor('kind')],
    parameters: { binary_data_output: true },
  });
  const type = 'application/octet-stream';
  const headers = { 'content-type': type, accept: type, 'inference-header-content-length': String(json.length) };
  return { headers, body: Buffer.concat([Buffer.from(json), Buffer.from(Float32Array.of(0.5).buffer)]) };
};
