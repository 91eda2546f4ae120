import * as v from 'valibot';
import { InvalidRequestError } from '../kernel/errors.ts';
import { describeIssue } from './describe-issue.ts';

const LISTED_ISSUES = 5;

/**
 * Decodes a value from outside.
 * @throws InvalidRequestError that names the wrong fields, what is allowed and what came; never a whole body.
 */
export const parse = <Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  what = 'input',
): v.InferOutput<Schema> => {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const sentences = result.issues.slice(0, LISTED_ISSUES).map((issue) => describeIssue(issue, what));
  const more = result.issues.length > LISTED_ISSUES ? `; and ${result.issues.length - LISTED_ISSUES} more` : '';
  const ofTheWhole = result.issues.every(({ path }) => path === undefined);
  throw new InvalidRequestError(`${ofTheWhole ? '' : `${what} is invalid: `}${sentences.join('; ')}${more}`);
};
