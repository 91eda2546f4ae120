import { InvalidRequestError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';

/** Where inputs may lie in the data bucket, and where outputs go. */
export const INPUT_ROOTS = ['datasets/', 'scoring/'] as const;
export const OUTPUT_ROOT = 'scoring/';

const LONGEST_PREFIX = 200;
const PREFIX = /^([A-Za-z0-9_=.-]+\/)+$/;

export interface ScoringPlaces {
  /** Prefixes in the data bucket, each with a slash at its end. */
  readonly input: string;
  readonly output: string;
}

const prefixIn = (
  uri: string,
  { bucket, roots, what }: { readonly bucket: string; readonly roots: readonly string[]; readonly what: string },
): string => {
  const start = `s3://${bucket}/`;
  const prefix = uri.slice(start.length);
  const root = roots.find((one) => prefix.startsWith(one) && prefix.length > one.length);
  const plain = PREFIX.test(prefix) && !prefix.split('/').includes('..') && prefix.length <= LONGEST_PREFIX;
  if (uri.startsWith(start) && root !== undefined && plain) return prefix;
  throw new InvalidRequestError(
    `${what} must be a prefix below ${roots.map((one) => `${start}${one}`).join(' or ')} that ends in a slash, ` +
      `of [A-Za-z0-9_=.-] and at most ${LONGEST_PREFIX} characters, got ${showValue(uri)}`,
  );
};

/** Beside the input: `scoring/june/` has its predictions in `scoring/june.scored/`. */
const besideOf = (input: string): string => `${OUTPUT_ROOT}${input.slice(input.indexOf('/') + 1, -1)}.scored/`;

/**
 * Where a job reads and writes.
 * @throws InvalidRequestError for places outside the bucket's roots, or of which one lies in the other: what is
 * written would be read as input by the next job.
 */
export const scoringPlaces = (
  asked: { readonly input: string; readonly output?: string | undefined },
  bucket: string,
): ScoringPlaces => {
  const input = prefixIn(asked.input, { bucket, roots: INPUT_ROOTS, what: 'input' });
  const output =
    asked.output === undefined
      ? besideOf(input)
      : prefixIn(asked.output, { bucket, roots: [OUTPUT_ROOT], what: 'output' });
  if (input.startsWith(output) || output.startsWith(input)) {
    throw new InvalidRequestError(`input and output must not lie in one another, got ${input} and ${output}`);
  }
  return { input, output };
};
