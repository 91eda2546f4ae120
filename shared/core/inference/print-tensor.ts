import { shortestFloat16, shortestFloat32 } from './shortest-decimal.ts';
import type { Tensor, TensorData } from './tensor.ts';

const printNumber = (value: number): string => {
  if (Number.isNaN(value)) return 'null';
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return value > 0 ? '1e999' : '-1e999';
};

const isPlain = (value: number): boolean => Number.isFinite(value) && !Object.is(value, -0);

const asItIs = (value: number): number => value;

const printedFloats = (values: Iterable<number>, shortest: (value: number) => number): readonly string[] =>
  Array.from(values, (each) => printNumber(isPlain(each) ? shortest(each) : each));

const printFloats = (
  values: Float16Array | Float32Array | Float64Array,
  shortest: (value: number) => number,
): string => {
  const printed = new Array<number>(values.length);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] as number;
    if (!isPlain(value)) {
      return `[${printedFloats(values, shortest).join(',')}]`;
    }
    printed[i] = shortest(value);
  }
  return printed.length === 1 ? `[${printed[0]}]` : JSON.stringify(printed);
};

/** Each element of a tensor in JSON, by the same rules as `printElements`. */
export const printElementList = ({ datatype, data }: Pick<Tensor, 'datatype' | 'data'>): readonly string[] => {
  switch (datatype) {
    case 'FP32':
      return printedFloats(data as Float32Array, shortestFloat32);
    case 'FP64':
      return printedFloats(data as Float64Array, asItIs);
    case 'FP16':
      return printedFloats(data as Float16Array, shortestFloat16);
    case 'BOOL':
      return Array.from(data as Uint8Array, (bit) => (bit === 0 ? 'false' : 'true'));
    case 'BYTES':
      return (data as readonly string[]).map((text) => JSON.stringify(text));
    default:
      return Array.from(data as Iterable<number | bigint>, String);
  }
};

/**
 * A tensor's elements as a flat JSON list that reads back as the same elements: integers with all their digits, floats
 * with the fewest that name them in their type. JSON has no word for three floats: NaN is `null`, and the infinities
 * are numbers beyond every double (`1e999`), which parsers read as infinite.
 */
export const printElements = ({ datatype, data }: Pick<Tensor, 'datatype' | 'data'>): string => {
  switch (datatype) {
    case 'FP32':
      return printFloats(data as Float32Array, shortestFloat32);
    case 'FP64':
      return printFloats(data as Float64Array, asItIs);
    case 'FP16':
      return printFloats(data as Float16Array, shortestFloat16);
    case 'BOOL':
      return `[${printElementList({ datatype, data }).join(',')}]`;
    case 'BYTES':
      return JSON.stringify(data);
    default:
      return `[${(data as Exclude<TensorData, readonly string[]>).join(',')}]`;
  }
};
