import { Buffer } from 'node:buffer';
import { canonicalNumber } from './decimal.ts';
import { serializationError, validationError } from './errors.ts';

/** An attribute value as the wire spells it; binary stays base64, numbers are canonical decimals. */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item };

export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'BS' | 'L' | 'M';

export interface Item {
  readonly [attribute: string]: AttributeValue;
}

const MAX_NESTING_DEPTH = 32;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export const typeOf = (value: AttributeValue): AttributeType => Object.keys(value)[0] as AttributeType;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown, type: string): string => {
  if (typeof value !== 'string') throw serializationError(`${type} value must be a string, got ${typeof value}`);
  return value;
};

const binary = (value: unknown): string => {
  const encoded = text(value, 'B');
  if (!BASE64.test(encoded)) {
    throw serializationError('Base64 encoded length is expected a multiple of 4 bytes of the base64 alphabet');
  }
  return encoded;
};

const flag = (value: unknown, type: string): boolean => {
  if (typeof value !== 'boolean') throw serializationError(`${type} value must be a boolean, got ${typeof value}`);
  return value;
};

const set = (value: unknown, type: string, kind: string, decode: (element: unknown) => string): readonly string[] => {
  if (!Array.isArray(value)) throw serializationError(`${type} value must be a list, got ${typeof value}`);
  if (value.length === 0) {
    throw validationError(`One or more parameter values were invalid: An ${kind} set  may not be empty`);
  }
  const elements = value.map(decode);
  if (new Set(elements).size !== elements.length) {
    const shown = `[${elements.join(', ')}]`;
    throw validationError(`One or more parameter values were invalid: Input collection ${shown} contains duplicates.`);
  }
  return elements;
};

const list = (value: unknown, depth: number): readonly AttributeValue[] => {
  if (!Array.isArray(value)) throw serializationError(`L value must be a list, got ${typeof value}`);
  return value.map((element) => decodeValue(element, depth + 1));
};

const map = (value: unknown, depth: number): Item => {
  if (!isRecord(value)) throw serializationError(`M value must be a map, got ${typeof value}`);
  return Object.fromEntries(Object.entries(value).map(([name, element]) => [name, decodeValue(element, depth + 1)]));
};

const DECODERS: Readonly<Record<string, (value: unknown, depth: number) => AttributeValue>> = {
  S: (value) => ({ S: text(value, 'S') }),
  N: (value) => ({ N: canonicalNumber(text(value, 'N')) }),
  B: (value) => ({ B: binary(value) }),
  BOOL: (value) => ({ BOOL: flag(value, 'BOOL') }),
  NULL: (value) => {
    if (!flag(value, 'NULL')) {
      throw validationError(
        'One or more parameter values were invalid: Null attribute value types must have the value of true',
      );
    }
    return { NULL: true };
  },
  SS: (value) => ({ SS: set(value, 'SS', 'string', (element) => text(element, 'SS')) }),
  NS: (value) => ({ NS: set(value, 'NS', 'number', (element) => canonicalNumber(text(element, 'NS'))) }),
  BS: (value) => ({ BS: set(value, 'BS', 'binary', binary) }),
  L: (value, depth) => ({ L: list(value, depth) }),
  M: (value, depth) => ({ M: map(value, depth) }),
};

/** Checks a value from the wire and brings its numbers to one spelling. @throws AwsError ValidationException */
export const decodeValue = (raw: unknown, depth = 0): AttributeValue => {
  if (!isRecord(raw)) throw serializationError(`attribute value must be a map, got ${JSON.stringify(raw)}`);
  if (depth > MAX_NESTING_DEPTH) {
    throw validationError(
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    );
  }
  const types = Object.keys(raw).filter((type) => type in DECODERS);
  if (types.length > 1) {
    throw validationError(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  const decode = DECODERS[types[0] ?? ''];
  if (decode === undefined) {
    throw validationError('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  return decode(raw[types[0] ?? ''], depth);
};

const MAX_NAME_BYTES = 65_535;

const requireName = (name: string): void => {
  if (name === '') {
    throw validationError(
      'One or more parameter values were invalid: Empty attribute name is not allowed; the name must have at least one character',
    );
  }
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
    throw validationError(
      `One or more parameter values were invalid: Attribute name is too large, must be at most ${MAX_NAME_BYTES} bytes`,
    );
  }
};

/** Attributes by name from the wire. @throws AwsError ValidationException */
export const decodeItem = (raw: unknown, parameter: string): Item => {
  if (!isRecord(raw)) throw serializationError(`${parameter} must be a map, got ${JSON.stringify(raw)}`);
  return Object.fromEntries(
    Object.entries(raw).map(([name, value]) => {
      requireName(name);
      return [name, decodeValue(value)];
    }),
  );
};
