import type * as v from 'valibot';
import { InvalidRequestError } from '../kernel/errors.ts';
import { parse } from './parse.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes a JSON file's bytes.
 * @throws InvalidRequestError that names the file and what is wrong with it.
 */
export const parseJsonFile = <Schema extends v.GenericSchema>(
  schema: Schema,
  bytes: Uint8Array,
  file: string,
): v.InferOutput<Schema> => {
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw new InvalidRequestError(`${file} is not JSON in UTF-8`, { cause: error });
  }
  return parse(schema, value, file);
};

/** JSON as bytes, to store. */
export const toJsonFile = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
