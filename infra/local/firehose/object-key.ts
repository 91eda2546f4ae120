import { AwsError } from '../contracts.ts';
import type { DeliveryStream } from './delivery-stream.ts';

/** Names of delivered objects: the evaluated prefix, then `<stream>-<version>-YYYY-MM-DD-HH-MM-SS-<uuid>`. */

const EXPRESSION = /!\{([a-zA-Z]+):([^}]*)\}/g;

const pad = (value: number, width = 2): string => String(value).padStart(width, '0');

/** The letters of Java's DateTimeFormatter that stand in prefixes. */
const LETTERS: Readonly<Record<string, (at: Date) => string>> = {
  yyyy: (at) => pad(at.getUTCFullYear(), 4),
  YYYY: (at) => pad(at.getUTCFullYear(), 4),
  MM: (at) => pad(at.getUTCMonth() + 1),
  dd: (at) => pad(at.getUTCDate()),
  HH: (at) => pad(at.getUTCHours()),
  mm: (at) => pad(at.getUTCMinutes()),
  ss: (at) => pad(at.getUTCSeconds()),
};

const PATTERN_PART = /'([^']*)'|([a-zA-Z]+)|([^a-zA-Z']+)/g;

const formatTime = (pattern: string, at: Date): string =>
  pattern.replaceAll(PATTERN_PART, (_match, quoted?: string, letters?: string, other?: string) => {
    if (letters === undefined) return quoted ?? other ?? '';
    const format = LETTERS[letters];
    if (format === undefined) {
      throw new AwsError('InvalidArgumentException', `!{timestamp:${pattern}}: ${letters} is not supported here`);
    }
    return format(at);
  });

interface PrefixValues {
  readonly at: Date;
  readonly random: string;
}

const evaluate = (prefix: string, { at, random }: PrefixValues): string =>
  prefix.replaceAll(EXPRESSION, (match, namespace: string, value: string) => {
    if (namespace === 'timestamp') return formatTime(value, at);
    if (namespace === 'firehose' && value === 'random-string') return random.slice(0, 11);
    if (namespace === 'firehose' && value === 'error-output-type') return 'processing-failed';
    throw new AwsError(
      'InvalidArgumentException',
      `${match} is not supported here: !{timestamp:...} and !{firehose:...} are`,
    );
  });

/** @throws AwsError InvalidArgumentException for an expression that is not supported */
export const checkPrefix = (name: string, prefix: string): void => {
  if (name === 'Prefix' && prefix.includes('!{firehose:error-output-type}')) {
    throw new AwsError('InvalidArgumentException', `${name} must not hold !{firehose:error-output-type}`);
  }
  evaluate(prefix, { at: new Date(0), random: '' });
};

/** The same buffer has the same key whenever it is asked for, so that a repeated delivery overwrites the first. */
export const objectKey = (stream: DeliveryStream, openedAtMs: number, bufferId: string): string => {
  const at = new Date(openedAtMs);
  const { prefix, gzip, fileExtension } = stream.destination;
  const folder = evaluate(prefix, { at, random: bufferId.replaceAll('-', '') });
  // Without an expression AWS adds the hour by itself.
  const hour = prefix.includes('!{') ? '' : formatTime('yyyy/MM/dd/HH/', at);
  const extension = fileExtension ?? (gzip ? '.gz' : '');
  return `${folder}${hour}${stream.name}-${stream.versionId}-${formatTime('yyyy-MM-dd-HH-mm-ss', at)}-${bufferId}${extension}`;
};
