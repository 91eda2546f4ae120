import { invalidArgument } from './errors.ts';

interface Count {
  readonly name: string;
  readonly fallback: number;
  /** What is more is cut, as AWS does. */
  readonly max: number;
}

/** A count in a query. @throws AwsError InvalidArgument */
export const countOf = (query: URLSearchParams, { name, fallback, max }: Count): number => {
  const given = query.get(name);
  if (given === null || given === '') return fallback;
  if (!/^\d{1,10}$/.test(given) || Number(given) > 2 ** 31 - 1) {
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, given);
  }
  return Math.min(Number(given), max);
};
