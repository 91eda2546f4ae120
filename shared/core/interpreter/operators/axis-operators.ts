import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { FloatDatatype, Value } from '../value.ts';
import { axisOf, countOf, newValue, numbersOf } from '../value.ts';
import { splitAt } from './concat-operator.ts';
import { datatypeAt, given, inputAt, type Operator, type OperatorNode, type Operators } from './operator.ts';

/** Operators that look along one axis: softmax and its kin, the largest elements, running sums. */

const FLOATS = ['FP32', 'FP64'] as const;
const NUMBERS = ['FP32', 'FP64', 'INT32', 'INT64'] as const;
const LAST_OPSET = 25;

type Numbers = Float32Array | Float64Array;

/** One line along the axis: `count` elements, `step` apart. */
interface Line {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

type LineMap = (from: Numbers, to: Numbers, line: Line) => void;

const eachLine = (
  { outer, size, inner }: ReturnType<typeof splitAt>,
  visit: (line: Line, index: number) => void,
): void => {
  for (let block = 0; block < outer; block++) {
    for (let i = 0; i < inner; i++) {
      visit({ start: block * size * inner + i, step: inner, count: size }, block * inner + i);
    }
  }
};

const largestOf = (from: Numbers, { start, step, count }: Line): number => {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) largest = Math.max(largest, from[start + i * step] as number);
  return largest;
};

const sumOfExp = (from: Numbers, { start, step, count }: Line, largest: number): number => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += Math.exp((from[start + i * step] as number) - largest);
  return sum;
};

const softmaxLine: LineMap = (from, to, line) => {
  const largest = largestOf(from, line);
  const sum = sumOfExp(from, line, largest);
  for (let i = 0; i < line.count; i++) {
    const at = line.start + i * line.step;
    to[at] = Math.exp((from[at] as number) - largest) / sum;
  }
};

const logSoftmaxLine: LineMap = (from, to, line) => {
  const largest = largestOf(from, line);
  const shift = largest + Math.log(sumOfExp(from, line, largest));
  for (let i = 0; i < line.count; i++) {
    const at = line.start + i * line.step;
    to[at] = (from[at] as number) - shift;
  }
};

const hardmaxLine: LineMap = (from, to, { start, step, count }) => {
  let best = 0;
  for (let i = 1; i < count; i++) {
    if ((from[start + i * step] as number) > (from[start + best * step] as number)) best = i;
  }
  if (count > 0) to[start + best * step] = 1;
};

/** Before opset 13 everything from the axis on is one line. */
const linesOf = ({ shape }: Value, axis: number, flattens: boolean): ReturnType<typeof splitAt> => {
  const at = axis === shape.length && flattens ? axis : axisOf(axis, Math.max(1, shape.length));
  if (shape.length === 0) return { outer: 1, size: 1, inner: 1 };
  return flattens
    ? { outer: countOf(shape.slice(0, at)), size: countOf(shape.slice(at)), inner: 1 }
    : splitAt(shape, at);
};

const alongLines = (map: LineMap): Operator => ({
  opsets: [1, LAST_OPSET],
  attributes: ['axis'],
  compile: (node) => {
    const datatype: FloatDatatype = datatypeAt(node, 0, FLOATS);
    const flattens = node.opset < 13;
    const axis = node.attributes.integer('axis') ?? (flattens ? 1 : -1);
    return {
      datatypes: [datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        const result = newValue(datatype, value.shape);
        eachLine(linesOf(value, axis, flattens), (line) => map(value.data as Numbers, result.data as Numbers, line));
        return [result];
      },
    };
  },
});

const argOperator = (sign: 1 | -1): Operator => ({
  opsets: [1, LAST_OPSET],
  attributes: ['axis', 'keepdims', 'select_last_index'],
  compile: (node) => {
    datatypeAt(node, 0, NUMBERS);
    const axis = node.attributes.integer('axis') ?? 0;
    const keeps = (node.attributes.integer('keepdims') ?? 1) !== 0;
    const takesLast = node.attributes.integer('select_last_index') === 1;
    return {
      datatypes: ['INT64'],
      run: (inputs) => {
        const value = given(inputs, 0);
        const at = axisOf(axis, value.shape.length);
        const shape = keeps ? value.shape.with(at, 1) : value.shape.toSpliced(at, 1);
        const result = newValue('INT64', shape);
        const numbers = numbersOf(value);
        const lines = splitAt(value.shape, at);
        if (lines.size === 0) throw new InvalidRequestError(`axis ${at} of shape [${value.shape}] is empty`);
        eachLine(lines, (line, index) => {
          (result.data as BigInt64Array)[index] = BigInt(bestOf(numbers, line, sign, takesLast));
        });
        return [result];
      },
    };
  },
});

const bestOf = (numbers: ArrayLike<number>, { start, step, count }: Line, sign: 1 | -1, takesLast: boolean): number => {
  let best = 0;
  for (let i = 1; i < count; i++) {
    const ahead = sign * ((numbers[start + i * step] as number) - (numbers[start + best * step] as number));
    if (ahead > 0 || (takesLast && ahead === 0)) best = i;
  }
  return best;
};

const topCountOf = (node: OperatorNode): ((inputs: readonly (Value | undefined)[]) => number) => {
  if (node.opset < 10) {
    const count = node.attributes.integer('k') ?? 0;
    return () => count;
  }
  datatypeAt(node, 1, ['INT64']);
  return (inputs) => numbersOf(given(inputs, 1))[0] ?? 0;
};

/** Of equal elements the first comes first. */
const topK: Operator = {
  opsets: [1, LAST_OPSET],
  attributes: ['axis', 'largest', 'sorted', 'k'],
  compile: (node) => {
    const datatype = datatypeAt(node, 0, FLOATS);
    const axis = node.attributes.integer('axis') ?? -1;
    const sign = (node.attributes.integer('largest') ?? 1) === 1 ? 1 : -1;
    if (node.attributes.integer('sorted') === 0) throw new InvalidRequestError('unsorted results are not interpreted');
    const countFor = topCountOf(node);
    return {
      datatypes: [datatype, 'INT64'],
      run: (inputs) => {
        const value = given(inputs, 0);
        const at = axisOf(axis, value.shape.length);
        const count = countFor(inputs);
        const lines = splitAt(value.shape, at);
        if (!(count >= 0 && count <= lines.size)) {
          throw new InvalidRequestError(`k must be in [0, ${lines.size}], got ${count}`);
        }
        const values = newValue(datatype, value.shape.with(at, count));
        const indices = newValue('INT64', values.shape);
        const from = value.data as Numbers;
        eachLine(lines, ({ start, step }, index) => {
          const order = Array.from({ length: lines.size }, (_, i) => i);
          const numberAt = (i: number): number => from[start + i * step] as number;
          order.sort((a, b) => compareNumbers(sign * numberAt(b), sign * numberAt(a)) || a - b);
          const first = Math.floor(index / lines.inner) * count * lines.inner + (index % lines.inner);
          for (let i = 0; i < count; i++) {
            (values.data as Numbers)[first + i * step] = numberAt(order[i] as number);
            (indices.data as BigInt64Array)[first + i * step] = BigInt(order[i] as number);
          }
        });
        return [values, indices];
      },
    };
  },
};

/** Infinities are subtracted to NaN, so that a difference does not do. */
const compareNumbers = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);

const cumSum: Operator = {
  opsets: [11, LAST_OPSET],
  attributes: ['exclusive', 'reverse'],
  compile: (node) => {
    const datatype = datatypeAt(node, 0, FLOATS);
    inputAt(node, 1);
    const exclusive = node.attributes.integer('exclusive') === 1;
    const reverse = node.attributes.integer('reverse') === 1;
    return {
      datatypes: [datatype],
      run: (inputs) => {
        const value = given(inputs, 0);
        const at = axisOf(numbersOf(given(inputs, 1))[0] ?? Number.NaN, value.shape.length);
        const result = newValue(datatype, value.shape);
        const [from, to] = [value.data as Numbers, result.data as Numbers];
        eachLine(splitAt(value.shape, at), ({ start, step, count }) => {
          let sum = 0;
          for (let i = 0; i < count; i++) {
            const place = start + (reverse ? count - 1 - i : i) * step;
            const next = sum + (from[place] as number);
            to[place] = exclusive ? sum : next;
            sum = datatype === 'FP32' ? Math.fround(next) : next;
          }
        });
        return [result];
      },
    };
  },
};

export const AXIS_OPERATORS: Operators = {
  Softmax: alongLines(softmaxLine),
  LogSoftmax: alongLines(logSoftmaxLine),
  Hardmax: alongLines(hardmaxLine),
  ArgMax: argOperator(1),
  ArgMin: argOperator(-1),
  TopK: topK,
  CumSum: cumSum,
};
