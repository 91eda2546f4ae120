import { Buffer } from 'node:buffer';
import { AwsError } from '../../contracts.ts';
import { type AttributeValue, decodeValue } from '../attribute-value.ts';
import { serializationError, validationError } from '../errors.ts';
import type { DocumentPath, Parsed } from './syntax.ts';

/** What `#names` and `:values` of one request stand for. */
export interface Bindings {
  resolve(path: DocumentPath): DocumentPath;
  value(reference: string): AttributeValue;
}

export interface UsedExpression {
  /** Parameter name for messages, e.g. ConditionExpression. */
  readonly parameter: string;
  readonly parsed: Parsed<unknown>;
}

const PLACEHOLDER = /^[#:][A-Za-z0-9_]+$/;
const MAX_PLACEHOLDER_LENGTH = 255;
const MAX_NAME_BYTES = 65_535;
const NAMES = 'ExpressionAttributeNames';
const VALUES = 'ExpressionAttributeValues';

const entriesOf = (raw: unknown, parameter: string, sign: string): readonly (readonly [string, unknown])[] => {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    throw serializationError(`${parameter} must be a map`);
  }
  const entries = Object.entries(raw);
  if (entries.length === 0) throw validationError(`${parameter} must not be empty`);
  for (const [key] of entries) {
    if (!PLACEHOLDER.test(key) || !key.startsWith(sign)) {
      throw validationError(`${parameter} contains invalid key: Syntax error; key: "${key}"`);
    }
    if (key.length > MAX_PLACEHOLDER_LENGTH) {
      throw validationError(
        `${parameter} contains invalid key: The expression attribute map contains a key that is too long; allowed: 255, key length: ${key.length}`,
      );
    }
  }
  return entries;
};

const decodeNames = (raw: unknown): ReadonlyMap<string, string> =>
  new Map(
    entriesOf(raw, NAMES, '#').map(([key, name]) => {
      if (typeof name !== 'string') throw serializationError(`${NAMES} must map to strings`);
      if (name === '') {
        throw validationError(
          `${NAMES} contains invalid value: Empty attribute name is not allowed; the name must have at least one character for key ${key}`,
        );
      }
      if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
        throw validationError(
          `${NAMES} contains invalid value: Attribute name is too large, must be at most ${MAX_NAME_BYTES} bytes for key ${key}`,
        );
      }
      return [key, name];
    }),
  );

const decodeBoundValue = (key: string, raw: unknown): AttributeValue => {
  try {
    return decodeValue(raw);
  } catch (error) {
    if (error instanceof AwsError && error.code === 'ValidationException') {
      throw validationError(`${VALUES} contains invalid value: ${error.message} for key ${key}`);
    }
    throw error;
  }
};

const decodeValues = (raw: unknown): ReadonlyMap<string, AttributeValue> =>
  new Map(entriesOf(raw, VALUES, ':').map(([key, value]) => [key, decodeBoundValue(key, value)]));

const requireDefined = (
  { parameter, parsed }: UsedExpression,
  names: ReadonlyMap<string, string>,
  values: ReadonlyMap<string, AttributeValue>,
): void => {
  const name = parsed.names.find((candidate) => !names.has(candidate));
  if (name !== undefined) {
    throw validationError(
      `Invalid ${parameter}: An expression attribute name used in the document path is not defined; attribute name: ${name}`,
    );
  }
  const value = parsed.values.find((candidate) => !values.has(candidate));
  if (value !== undefined) {
    throw validationError(
      `Invalid ${parameter}: An expression attribute value used in expression is not defined; attribute value: ${value}`,
    );
  }
};

const refuseUnused = (parameter: string, defined: Iterable<string>, used: ReadonlySet<string>): void => {
  const unused = [...defined].filter((key) => !used.has(key));
  if (unused.length > 0) {
    throw validationError(`Value provided in ${parameter} unused in expressions: keys: {${unused.join(', ')}}`);
  }
};

/**
 * Binds the placeholders of a request's expressions; undefined and unused ones are refused.
 * @throws AwsError ValidationException
 */
export const bindExpressions = (
  expressions: readonly UsedExpression[],
  raw: { readonly names: unknown; readonly values: unknown },
): Bindings => {
  for (const [parameter, value] of [
    [NAMES, raw.names],
    [VALUES, raw.values],
  ]) {
    if (value !== undefined && expressions.length === 0) {
      throw validationError(`${parameter} can only be specified when using expressions`);
    }
  }
  const names = raw.names === undefined ? new Map<string, string>() : decodeNames(raw.names);
  const values = raw.values === undefined ? new Map<string, AttributeValue>() : decodeValues(raw.values);
  for (const expression of expressions) requireDefined(expression, names, values);
  refuseUnused(NAMES, names.keys(), new Set(expressions.flatMap(({ parsed }) => parsed.names)));
  refuseUnused(VALUES, values.keys(), new Set(expressions.flatMap(({ parsed }) => parsed.values)));
  return {
    resolve: (path) =>
      path.map((element) =>
        typeof element === 'string' && element.startsWith('#') ? (names.get(element) ?? element) : element,
      ),
    value: (reference) => {
      const value = values.get(reference);
      if (value === undefined) throw new TypeError(`value ${reference} was not bound`);
      return value;
    },
  };
};
