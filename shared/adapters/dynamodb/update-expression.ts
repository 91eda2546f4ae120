import { type Item, toAttributeValue } from './attribute-value.ts';

export interface SetExpression {
  readonly UpdateExpression: string;
  readonly ExpressionAttributeNames: Record<string, string>;
  readonly ExpressionAttributeValues: Item;
}

/** `SET #a = :a, …` for every defined field. All names are aliased: a field may be called like a reserved word. */
export const setExpression = (fields: object): SetExpression => {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined);
  return {
    UpdateExpression: `SET ${defined.map(([name]) => `#${name} = :${name}`).join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(defined.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(
      defined.map(([name, value]) => [`:${name}`, toAttributeValue(value)]),
    ),
  };
};
