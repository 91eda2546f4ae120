import { s3Error } from './errors.ts';

/** Inclusive positions. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

const RANGE = /^bytes=(\d*)-(\d*)$/;

/**
 * The range that a header asks for; undefined to send the whole: malformed and multiple ranges are ignored, as S3 does.
 * @throws AwsError InvalidRange
 */
export const byteRange = (header: string | undefined, size: number): ByteRange | undefined => {
  const match = RANGE.exec(header ?? '');
  const [, first = '', last = ''] = match ?? [];
  if (match === null || (first === '' && last === '')) return undefined;
  const suffix = first === '';
  const start = suffix ? Math.max(0, size - Number(last)) : Number(first);
  const end = suffix || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (!suffix && last !== '' && Number(last) < Number(first)) return undefined;
  if (start >= size || start > end) {
    throw s3Error('InvalidRange', { RangeRequested: header ?? '', ActualObjectSize: size });
  }
  return { start, end };
};
