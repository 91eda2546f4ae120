import { assert } from '../../kernel/assert.ts';

/**
 * The one text of a JSON value, by RFC 8785: names of objects in the order of their UTF-16 code units, no white space,
 * strings and numbers as ECMAScript writes them. Fields that are `undefined` are left out, as in JSON.stringify.
 * Texts must be well-formed: half of a surrogate pair has no UTF-8, and would be read back as another text.
 */
export const canonicalJson = (value: unknown): string => {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    assert(Number.isFinite(value), `only finite numbers have a canonical text, got ${value}`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    assert(value.isWellFormed(), 'only well-formed text has a canonical form');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  assert(typeof value === 'object', `a ${typeof value} has no canonical text`);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${canonicalJson(name)}:${canonicalJson(field)}`);
  return `{${fields.join()}}`;
};
