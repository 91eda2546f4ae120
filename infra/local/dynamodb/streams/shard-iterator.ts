import { Buffer } from 'node:buffer';
import { AwsError } from '../../contracts.ts';
import { validationError } from '../errors.ts';

/** Where a reader of a stream stands; AWS's iterators live for 15 minutes. */
export interface ShardIterator {
  readonly streamArn: string;
  /** Records behind this position come next. */
  readonly position: number;
  readonly createdAtMs: number;
}

const LIFETIME_MS = 15 * 60 * 1_000;

export const encodeIterator = ({ streamArn, position, createdAtMs }: ShardIterator): string =>
  `${streamArn}|1|${Buffer.from(JSON.stringify([position, createdAtMs])).toString('base64')}`;

const decode = (text: string): ShardIterator | undefined => {
  const [streamArn = '', version, state = ''] = text.split('|');
  if (version !== '1') return undefined;
  try {
    const [position, createdAtMs] = JSON.parse(Buffer.from(state, 'base64').toString('utf8')) as unknown[];
    return typeof position === 'number' && typeof createdAtMs === 'number'
      ? { streamArn, position, createdAtMs }
      : undefined;
  } catch {
    return undefined;
  }
};

/** @throws AwsError ValidationException, ExpiredIteratorException */
export const decodeIterator = (text: string, nowMs: number): ShardIterator => {
  const iterator = decode(text);
  if (iterator === undefined) throw validationError('Invalid ShardIterator');
  if (nowMs - iterator.createdAtMs > LIFETIME_MS) {
    throw new AwsError(
      'ExpiredIteratorException',
      'The shard iterator has expired and can no longer be used to retrieve stream records.',
    );
  }
  return iterator;
};
