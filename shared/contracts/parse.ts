import * as v from 'valibot';
import { InvalidRequestError } from '../kernel/errors.ts';

const LISTED_ISSUES = 5;

/**
 * Decodes a value from outside.
 * @throws InvalidRequestError that names the wrong fields and what is allowed; never the value of a whole body.
 */
export const parse = <Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what = 'input',
): v.InferOutput<Schema> => {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const sentences = result.issues
    .slice(0, LISTED_ISSUES)
    .map((issue) => `${v.getDotPath(issue) ?? what}: ${issue.message.slice(0, 300)}`);
  const more = result.issues.length > LISTED_ISSUES ? `; and ${result.issues.length - LISTED_ISSUES} more` : '';
  throw new InvalidRequestError(`${what} is invalid: ${sentences.join('; ')}${more}`);
};
