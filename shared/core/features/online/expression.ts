/** Request features' expressions as definitions hold them: see `contracts/feature-views`, which checks them. */

export type ExpressionOperation =
  | 'hour'
  | 'minute'
  | 'weekday'
  | 'add'
  | 'subtract'
  | 'multiply'
  | 'divide'
  | 'absolute'
  | 'floor'
  | 'first';

export type Expression = number | string | { readonly op: ExpressionOperation; readonly of: readonly Expression[] };

export interface RequestFeature {
  readonly name: string;
  readonly expression: Expression;
}

export interface RequestValue {
  readonly name: string;
  readonly type: 'number' | 'category' | 'timestamp';
}

/** The names of the values that an expression uses. */
export const namesIn = (expression: Expression): readonly string[] => {
  if (typeof expression === 'number') return [];
  return typeof expression === 'string' ? [expression] : expression.of.flatMap(namesIn);
};
