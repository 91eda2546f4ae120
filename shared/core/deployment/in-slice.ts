/** Which rows a declared slice has: of one value of a feature, of several, or of a range of a number. */
export interface SliceCondition {
  readonly feature: string;
  readonly equals?: number | string | undefined;
  readonly in?: readonly (number | string)[] | undefined;
  /** Included. */
  readonly from?: number | undefined;
  /** Excluded. */
  readonly below?: number | undefined;
}

/** A declared part of the traffic, by the features of a row. */
export interface DeclaredSlice {
  readonly name: string;
  readonly where: SliceCondition;
}

type Inputs = Readonly<Record<string, number | string | null>>;

/** Whether a captured row is of a slice. One without the feature is of none; numbers are compared as float32. */
export const inSlice = ({ feature, equals, in: values, from, below }: SliceCondition, inputs: Inputs): boolean => {
  const value = Object.hasOwn(inputs, feature) ? inputs[feature] : undefined;
  if (value === undefined || value === null) return false;
  const isValue = (wanted: number | string): boolean =>
    typeof wanted === 'number' && typeof value === 'number'
      ? Math.fround(wanted) === Math.fround(value)
      : wanted === value;
  if (equals !== undefined) return isValue(equals);
  if (values !== undefined) return values.some(isValue);
  return (
    typeof value === 'number' &&
    value >= (from ?? Number.NEGATIVE_INFINITY) &&
    value < (below ?? Number.POSITIVE_INFINITY)
  );
};

export const slicesOf = (slices: readonly DeclaredSlice[], inputs: Inputs): readonly string[] =>
  slices.filter(({ where }) => inSlice(where, inputs)).map(({ name }) => name);
