import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { type Item, toAttributeValue, toItem } from './attribute-value.ts';
import type { Key } from './keys.ts';

/** Changes of an item that hold only while what they were decided on still stands. */

type Fields = Readonly<Record<string, unknown>>;

interface Guard {
  readonly ConditionExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Item;
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The item exists, and each of these fields is (or is absent) as it was read. */
export const unchanged = (before: Fields, fields: readonly string[]): Guard => {
  const present = fields.filter((field) => before[field] !== undefined);
  const conditions = fields.map((field) =>
    before[field] === undefined ? `attribute_not_exists(#${field})` : `#${field} = :was_${field}`,
  );
  return {
    ConditionExpression: ['attribute_exists(#pk)', ...conditions].join(' AND '),
    ExpressionAttributeNames: Object.fromEntries(['pk', ...fields].map((field) => [`#${field}`, field])),
    ExpressionAttributeValues: Object.fromEntries(
      present.map((field) => [`:was_${field}`, toAttributeValue(before[field])]),
    ),
  };
};

/**
 * Writes what differs between `before` and `after` (a field of undefined is removed), if every field that differs and
 * every one of `relied` is still as it was read. `updatedAtMs` is set whatever it was.
 */
export const guardedUpdate = (options: {
  readonly table: string;
  readonly key: Key;
  readonly before: Fields;
  readonly after: Fields;
  /** Fields that the decision rests on besides those that it changes. */
  readonly relied?: readonly string[];
}): TransactWriteItem => {
  const { table, key, before, after, relied = [] } = options;
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => !same(before[name], after[name]));
  const set = changed.filter((name) => after[name] !== undefined);
  const removed = changed.filter((name) => after[name] === undefined);
  const guard = unchanged(before, [...new Set([...changed.filter((name) => name !== 'updatedAtMs'), ...relied])]);
  const clauses = [
    ...(set.length === 0 ? [] : [`SET ${set.map((name) => `#${name} = :${name}`).join(', ')}`]),
    ...(removed.length === 0 ? [] : [`REMOVE ${removed.map((name) => `#${name}`).join(', ')}`]),
  ];
  const values = {
    ...guard.ExpressionAttributeValues,
    ...Object.fromEntries(set.map((name) => [`:${name}`, toAttributeValue(after[name])])),
  };
  const condition = {
    TableName: table,
    Key: toItem(key),
    ConditionExpression: guard.ConditionExpression,
    ExpressionAttributeNames: {
      ...guard.ExpressionAttributeNames,
      ...Object.fromEntries(changed.map((name) => [`#${name}`, name])),
    },
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
  };
  return clauses.length === 0
    ? { ConditionCheck: condition }
    : { Update: { ...condition, UpdateExpression: clauses.join(' ') } };
};
