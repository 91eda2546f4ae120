import type { RawCall } from './raw-call.ts';
import { large } from './request-bodies.ts';

/** Bodies that no endpoint can read, each with its answer. */

type Body = Pick<RawCall, 'body' | 'headers'>;

/** Of a body in a form that is not read: 415 by the serving APIs, 400 by the others. */
export const FORM = 'form';
const gzip = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
export const UNREADABLE_BODIES: readonly (readonly [
  name: string,
  call: Body,
  status: number | typeof FORM,
  says: RegExp,
])[] = [
  ['broken JSON', { body: '{"reason":' }, 400, /body is not JSON: Unexpected end/],
  ['NaN', { body: '{"features":{"x":NaN,"kind":"a"}}' }, 400, /body is not JSON: Unexpected token 'N'/],
  ['null', { body: 'null' }, 400, /body must be (a JSON|an) object/],
  ['a list', { body: '[]' }, 400, /body must be (a JSON|an) object/],
  ['a number', { body: '1e999' }, 400, /body must be (a JSON|an) object/],
  ['bytes that are not UTF-8', { body: Buffer.from('{"reason":"\xff\xfe"}', 'latin1') }, 400, /body is not UTF-8/],
  ['a gzip header that lies', { body: '{}', headers: gzip }, FORM, /content-encoding gzip is not supported/],
  [
    'a form',
    { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    FORM,
    /content-type must be application\/json, got application\/x-www-form-urlencoded/,
  ],
  [
    'binary data',
    { body: '{}', headers: { 'content-type': 'application/octet-stream' } },
    FORM,
    /content-type must be application\/json/,
  ],
  [
    '__proto__ as a key',
    { body: '{"__proto__":{"reason":"x"}}' },
    400,
    /unknown key "__proto__"|inputs must be a list/,
  ],
  [
    'constructor as a key',
    { body: '{"constructor":{"prototype":{}}}' },
    400,
    /unknown key "constructor"|inputs must be a list/,
  ],
  ['7 MB', { body: large(7) }, 413, /Request Too Long/],
  ['12 MB', { body: large(12) }, 413, /Request Too Long/],
];
