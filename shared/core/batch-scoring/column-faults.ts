import type { InputColumn, InputLayout } from './scoring-part.ts';

/** Types of DuckDB that a number, and a text, is read from without loss of meaning. */
const TYPES = {
  FP32: /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|BOOLEAN|DECIMAL\(.*\))$/,
  BYTES: /^(VARCHAR|UUID|ENUM\(.*\))$/,
} as const;
const ALLOWED = { FP32: 'numbers', BYTES: 'text' } as const;

/** The name under which DuckDB gives a row's position. */
const RESERVED = 'file_row_number';

export interface ModelInput {
  readonly name: string;
  readonly datatype: 'FP32' | 'BYTES';
}

const faultOf = ({ name, datatype }: ModelInput, columns: readonly InputColumn[]): string | undefined => {
  const column = columns.find((one) => one.name === name);
  if (column === undefined) return `has no column ${name}, which the model reads`;
  if (TYPES[datatype].test(column.type)) return undefined;
  return `column ${name} must hold ${ALLOWED[datatype]}, it is ${column.type}`;
};

/** Why an input cannot be scored by the model, a sentence each; none when it can. */
export const columnFaults = (
  inputs: readonly ModelInput[],
  { object, columns }: Pick<InputLayout, 'object' | 'columns'>,
): readonly string[] => [
  ...inputs.flatMap((input) => faultOf(input, columns) ?? []).map((fault) => `${object.key} ${fault}`),
  ...(columns.some(({ name }) => name.toLowerCase() === RESERVED)
    ? [`${object.key} has a column ${RESERVED}, a name that is taken`]
    : []),
];
