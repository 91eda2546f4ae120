import { InvalidRequestError, InvalidStateError } from '../../shared/kernel/errors.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../shared/kernel/time.ts';
import { type CallAws, errorCode, jsonCall } from './doctor/signed-call.ts';

/** Reads CloudWatch Logs of several groups as one stream. */

export interface LogLine {
  readonly atMs: number;
  readonly group: string;
  readonly text: string;
  readonly isError: boolean;
}

const UNITS: Readonly<Record<string, number>> = { s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** `90s`, `15m`, `2h`, `3d` in milliseconds. @throws InvalidRequestError */
export const readDuration = (text: string): number => {
  const [, count = '', unit = ''] = /^([1-9]\d{0,5})([smhd])$/.exec(text) ?? [];
  const unitMs = UNITS[unit];
  if (unitMs !== undefined) return Number(count) * unitMs;
  throw new InvalidRequestError(`--since must be a number and s, m, h or d, such as 15m or 3d, got ${text}`);
};

interface LogEvent {
  readonly timestamp: number;
  readonly message: string;
}

interface Page {
  readonly events?: readonly LogEvent[];
  readonly nextToken?: string;
}

const ERROR = /"level":"(?:error|fatal)"|"type":"[A-Za-z]*(?:Failed|TimedOut|Aborted)"|Task timed out|Runtime\./;

const lineOf = (group: string, { timestamp, message }: LogEvent): LogLine => ({
  atMs: timestamp,
  group,
  text: message.trimEnd(),
  isError: ERROR.test(message),
});

export interface LogQuery {
  readonly groups: readonly string[];
  readonly fromMs: number;
  /** Only lines that hold this text. */
  readonly containing?: string;
  readonly limit: number;
}

const readGroup = async (call: CallAws, group: string, { fromMs, containing, limit }: LogQuery) => {
  const lines: LogLine[] = [];
  let nextToken: string | undefined;
  do {
    const answer = await call(
      jsonCall('logs', 'Logs_20140328.FilterLogEvents', {
        logGroupName: group,
        startTime: fromMs,
        ...(containing === undefined ? {} : { filterPattern: JSON.stringify(containing) }),
        ...(nextToken === undefined ? {} : { nextToken }),
      }),
    );
    const code = errorCode(answer.text);
    if (answer.status >= 400) {
      // Nothing has run yet, or the model has no such part.
      if (code === 'ResourceNotFoundException') return lines;
      throw new InvalidStateError(`CloudWatch Logs: ${code ?? `HTTP ${answer.status}`} for ${group}`);
    }
    const page = JSON.parse(answer.text) as Page;
    lines.push(...(page.events ?? []).map((event) => lineOf(group, event)));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return lines.slice(-limit);
};

/** The newest lines, oldest first. */
export const readLogs = async (call: CallAws, query: LogQuery): Promise<readonly LogLine[]> => {
  const all = await Promise.all(query.groups.map((group) => readGroup(call, group, query)));
  return all
    .flat()
    .toSorted((a, b) => a.atMs - b.atMs)
    .slice(-query.limit);
};
