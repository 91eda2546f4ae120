import { recordOptions } from '../protocols/operation-support.ts';
import type { Item } from './attribute-value.ts';
import { decodeItem } from './attribute-value.ts';
import { serializationError, unsupported, validationError } from './errors.ts';

/** The JSON body of a request. */
export type Input = Readonly<Record<string, unknown>>;

export const wireName = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const constraint = (name: string, value: string, rule: string): never => {
  throw validationError(
    `1 validation error detected: Value ${value} at '${wireName(name)}' failed to satisfy constraint: ${rule}`,
  );
};

export const missing = (name: string): never => constraint(name, 'null', 'Member must not be null');

/** Refuses parameters that the operation does not know here, by name. @throws AwsError ValidationException */
export const acceptOnly = (operation: string, input: Input, accepted: readonly string[]): void => {
  recordOptions(input, accepted);
  const unknown = Object.keys(input).find((name) => input[name] != null && !accepted.includes(name));
  if (unknown !== undefined) throw unsupported(`${operation} parameter ${unknown}`);
};

export const isInput = (value: unknown): value is Input =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const optionalText = (input: Input, name: string): string | undefined => {
  const value = input[name];
  if (value == null) return undefined;
  if (typeof value !== 'string') throw serializationError(`${name} must be a string, got ${JSON.stringify(value)}`);
  return value;
};

export const requiredText = (input: Input, name: string): string => optionalText(input, name) ?? missing(name);

export const optionalFlag = (input: Input, name: string): boolean | undefined => {
  const value = input[name];
  if (value == null) return undefined;
  if (typeof value !== 'boolean') throw serializationError(`${name} must be a boolean, got ${JSON.stringify(value)}`);
  return value;
};

interface Bounds {
  readonly min: number;
  readonly max: number;
}

export const optionalInteger = (input: Input, name: string, { min, max }: Bounds): number | undefined => {
  const value = input[name];
  if (value == null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw serializationError(`${name} must be an integer, got ${JSON.stringify(value)}`);
  }
  if (value < min) constraint(name, `'${value}'`, `Member must have value greater than or equal to ${min}`);
  if (value > max) constraint(name, `'${value}'`, `Member must have value less than or equal to ${max}`);
  return value;
};

export const optionalChoice = <T extends string>(input: Input, name: string, allowed: readonly T[]): T | undefined => {
  const value = optionalText(input, name);
  if (value === undefined) return undefined;
  return (
    allowed.find((choice) => choice === value) ??
    constraint(name, `'${value}'`, `Member must satisfy enum value set: [${allowed.join(', ')}]`)
  );
};

export const optionalObject = (input: Input, name: string): Input | undefined => {
  const value = input[name];
  if (value == null) return undefined;
  if (!isInput(value)) throw serializationError(`${name} must be a map, got ${JSON.stringify(value)}`);
  return value;
};

export const requiredObject = (input: Input, name: string): Input => optionalObject(input, name) ?? missing(name);

export const optionalList = (input: Input, name: string): readonly unknown[] | undefined => {
  const value = input[name];
  if (value == null) return undefined;
  if (!Array.isArray(value)) throw serializationError(`${name} must be a list, got ${JSON.stringify(value)}`);
  return value;
};

export const requiredList = (input: Input, name: string): readonly unknown[] =>
  optionalList(input, name) ?? missing(name);

export const objectsOf = (list: readonly unknown[], name: string): readonly Input[] =>
  list.map((value) => {
    if (!isInput(value)) throw serializationError(`${name} must be a list of maps, got ${JSON.stringify(value)}`);
    return value;
  });

export const requireLength = (name: string, length: number, { min, max }: Bounds): void => {
  if (length < min || length > max) {
    constraint(
      name,
      `of length ${length}`,
      `Member must have length less than or equal to ${max}, Member must have length greater than or equal to ${min}`,
    );
  }
};

export const requiredItem = (input: Input, name: string): Item => decodeItem(requiredObject(input, name), name);

const TABLE_NAME = /^[a-zA-Z0-9_.-]{3,255}$/;
const TABLE_ARN = /^arn:aws:dynamodb:[^:]+:\d{12}:table\/([^/]+)$/;

/** Checks a bare table name. @throws AwsError ValidationException */
export const checkedName = (name: string, parameter: string): string => {
  if (TABLE_NAME.test(name)) return name;
  if (name.length < 3 || name.length > 255) {
    throw validationError(
      `${parameter} must be at least 3 characters long and at most 255 characters long, got ${name.length}`,
    );
  }
  return constraint(parameter, `'${name}'`, 'Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+');
};

/** A table by its name or its ARN; answers the name. */
export const requiredTableName = (input: Input, name = 'TableName'): string => {
  const given = requiredText(input, name);
  return checkedName(TABLE_ARN.exec(given)?.[1] ?? given, name);
};
