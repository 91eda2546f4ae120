import { AwsError } from '../contracts.ts';
import { type MathNode, parseMathExpression } from './metric-math-parser.ts';

/** CloudWatch's metric math, as far as it is listed in `FUNCTIONS` and `OPERATORS`; the rest is refused by name. */

/** Start of the period → value. */
export type TimeSeries = ReadonlyMap<number, number>;
type Value = number | TimeSeries | readonly TimeSeries[];

export interface MathContext {
  /** The series or expression with this id. @throws AwsError for an unknown id */
  readonly resolve: (id: string) => TimeSeries | number;
  /** All metrics (not expressions) of the request, whose id holds the text. */
  readonly metrics: (filter: string) => readonly TimeSeries[];
  /** Starts of the periods asked for, ascending. */
  readonly timestamps: readonly number[];
}

const invalid = (message: string): AwsError => new AwsError('ValidationError', `metric math: ${message}`);

const flag = (holds: boolean): number => (holds ? 1 : 0);

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '<': (a, b) => flag(a < b),
  '<=': (a, b) => flag(a <= b),
  '>': (a, b) => flag(a > b),
  '>=': (a, b) => flag(a >= b),
  '==': (a, b) => flag(a === b),
  '!=': (a, b) => flag(a !== b),
  AND: (a, b) => flag(a !== 0 && b !== 0),
  OR: (a, b) => flag(a !== 0 || b !== 0),
};

const isSeries = (value: Value): value is TimeSeries => value instanceof Map;
const isArray = (value: Value): value is readonly TimeSeries[] => Array.isArray(value);

/** Points only where both sides have one; what is not finite (a division by zero) is no point. */
const combine = (left: Value, right: Value, operate: (a: number, b: number) => number): Value => {
  if (isArray(left) || isArray(right)) throw invalid('an array of series is not supported as an operand');
  if (!isSeries(left) && !isSeries(right)) return operate(left, right);
  const timestamps = isSeries(left) ? left.keys() : (right as TimeSeries).keys();
  const result = new Map<number, number>();
  for (const atMs of timestamps) {
    const a = isSeries(left) ? left.get(atMs) : left;
    const b = isSeries(right) ? right.get(atMs) : right;
    const value = a === undefined || b === undefined ? Number.NaN : operate(a, b);
    if (Number.isFinite(value)) result.set(atMs, value);
  }
  return result;
};

const FOLDS: Readonly<Record<string, (values: readonly number[]) => number>> = {
  SUM: (values) => values.reduce((total, value) => total + value, 0),
  AVG: (values) => values.reduce((total, value) => total + value, 0) / values.length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
};

/** Of one series a number, of several series one series over what each instant has. */
const fold = (name: string, value: Value, reduce: (values: readonly number[]) => number): Value => {
  if (isArray(value)) {
    const timestamps = new Set(value.flatMap((series) => [...series.keys()]));
    return new Map(
      [...timestamps].map((atMs) => [atMs, reduce(value.flatMap((series) => series.get(atMs) ?? []))] as const),
    );
  }
  if (!isSeries(value)) throw invalid(`${name} takes series, got the number ${value}`);
  return value.size === 0 ? new Map() : reduce([...value.values()]);
};

const fillOne = (series: TimeSeries, filler: Value | 'REPEAT', { timestamps }: MathContext): TimeSeries => {
  const result = new Map<number, number>();
  let last: number | undefined;
  for (const atMs of timestamps) {
    const own = series.get(atMs);
    const filled = filler === 'REPEAT' ? last : isSeries(filler) ? filler.get(atMs) : filler;
    const value = own ?? filled;
    last = own ?? last;
    if (typeof value === 'number') result.set(atMs, value);
  }
  return result;
};

const choose = (condition: Value, whenTrue: Value, whenFalse: Value): Value => {
  if (isArray(condition) || isArray(whenTrue) || isArray(whenFalse)) throw invalid('IF takes no array of series');
  if (!isSeries(condition)) return condition === 0 ? whenFalse : whenTrue;
  const result = new Map<number, number>();
  for (const [atMs, holds] of condition) {
    const branch = holds === 0 ? whenFalse : whenTrue;
    const value = isSeries(branch) ? branch.get(atMs) : branch;
    if (value !== undefined) result.set(atMs, value);
  }
  return result;
};

const FUNCTIONS: Readonly<Record<string, (args: readonly MathNode[], context: MathContext) => Value>> = {
  IF: (args, context) => {
    const [condition, whenTrue, whenFalse] = exactly('IF', args, 3).map((arg) => evaluate(arg, context));
    return choose(condition ?? 0, whenTrue ?? 0, whenFalse ?? 0);
  },
  FILL: (args, context) => {
    const [series, filler] = exactly('FILL', args, 2);
    const value = series === undefined ? 0 : evaluate(series, context);
    if (filler?.kind === 'id' && filler.name === 'LINEAR') throw invalid('FILL with LINEAR is not supported here');
    const repeat = filler?.kind === 'id' && filler.name === 'REPEAT';
    const by = repeat || filler === undefined ? 'REPEAT' : evaluate(filler, context);
    if (isArray(value)) return value.map((one) => fillOne(one, by, context));
    return isSeries(value) ? fillOne(value, by, context) : value;
  },
  METRICS: (args, context) => {
    const [filter] = args;
    if (filter !== undefined && filter.kind !== 'text') throw invalid('METRICS takes a text');
    return context.metrics(filter?.text ?? '');
  },
  ABS: (args, context) => {
    const [value] = exactly('ABS', args, 1).map((arg) => evaluate(arg, context));
    return combine(value ?? 0, 0, (a) => Math.abs(a));
  },
};

const exactly = (name: string, args: readonly MathNode[], count: number): readonly MathNode[] => {
  if (args.length !== count) throw invalid(`${name} takes ${count} arguments, got ${args.length}`);
  return args;
};

const call = (name: string, args: readonly MathNode[], context: MathContext): Value => {
  const reduce = Object.hasOwn(FOLDS, name) ? FOLDS[name] : undefined;
  if (reduce !== undefined) {
    const [value] = exactly(name, args, 1).map((arg) => evaluate(arg, context));
    return fold(name, value ?? 0, reduce);
  }
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (known === undefined) throw invalid(`function ${name} is not supported here`);
  return known(args, context);
};

const asSeries = (value: Value): TimeSeries => {
  if (!isSeries(value)) throw invalid('an array holds series only');
  return value;
};

const evaluate = (node: MathNode, context: MathContext): Value => {
  switch (node.kind) {
    case 'number':
      return node.value;
    case 'text':
      throw invalid(`text ${node.text} is not a value`);
    case 'id':
      return context.resolve(node.name);
    case 'array':
      return node.items.map((item) => asSeries(evaluate(item, context)));
    case 'call':
      return call(node.name, node.args, context);
    case 'binary': {
      const operate = OPERATORS[node.operator];
      if (operate === undefined) throw invalid(`operator ${node.operator} is not supported here`);
      return combine(evaluate(node.left, context), evaluate(node.right, context), operate);
    }
  }
};

/** @returns a series, or a number when the expression has no time in it @throws AwsError ValidationError */
export const evaluateMath = (expression: string, context: MathContext): TimeSeries | number => {
  const value = evaluate(parseMathExpression(expression), context);
  if (isArray(value)) throw invalid('an expression that gives several series is not supported here');
  return value;
};

/** Refuses by name what `evaluateMath` could not compute, before any data is there. @throws AwsError ValidationError */
export const checkMath = (expression: string, ids: ReadonlySet<string>): void => {
  const empty: TimeSeries = new Map();
  evaluateMath(expression, {
    resolve: (id) => {
      if (!ids.has(id)) throw invalid(`there is no metric or expression with the id ${id}`);
      return empty;
    },
    metrics: () => [empty],
    timestamps: [],
  });
};
