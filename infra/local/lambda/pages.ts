import { AwsError } from '../contracts.ts';

export interface PageLimits {
  readonly defaultSize: number;
  /** Most that may be asked for. */
  readonly most: number;
  /** Most that is given, whatever was asked for. */
  readonly cap?: number;
}

/** One page of a list; the marker is the position to go on from. @throws AwsError InvalidParameterValueException */
export const pageOf = <T>(
  query: URLSearchParams,
  name: string,
  items: readonly T[],
  { defaultSize, most, cap = most }: PageLimits,
): Readonly<Record<string, unknown>> => {
  const start = Number(query.get('Marker') ?? '0');
  const size = Number(query.get('MaxItems') ?? defaultSize);
  const invalid = (what: string): AwsError =>
    new AwsError('InvalidParameterValueException', what, 400, { Type: 'User' });
  if (!Number.isInteger(start) || start < 0) throw invalid('The marker is not valid.');
  if (!Number.isInteger(size) || size < 1 || size > most) throw invalid(`MaxItems must be from 1 to ${most}`);
  const end = start + Math.min(size, cap);
  return { [name]: items.slice(start, end), ...(end < items.length ? { NextMarker: String(end) } : {}) };
};
