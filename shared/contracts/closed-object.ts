import * as v from 'valibot';
import { showValue } from '../kernel/show-value.ts';

/**
 * An object of these fields and no other: an unknown one is refused by name, with those that are allowed. Valibot's
 * own messages say neither, and it lets keys of `Object.prototype` pass, which is why the entries get no prototype.
 */
export const closedFields = <const Entries extends v.ObjectEntries>(entries: Entries) => {
  const own: Entries = Object.assign(Object.create(null), entries);
  return v.strictObject(own, ({ expected, input }) => {
    if (expected === 'never') return `unknown key ${showValue(input)}; allowed: ${Object.keys(entries).join(', ')}`;
    return expected === 'Object' ? 'must be an object' : 'is missing';
  });
};

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The same, and a list is no such object either. */
export const closedObject = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(
    v.custom<v.InferInput<v.StrictObjectSchema<Entries, undefined>>>(isRecord, 'must be an object'),
    closedFields(entries),
  );
