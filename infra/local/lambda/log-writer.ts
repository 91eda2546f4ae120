import type { CloudPorts, LocalClock } from '../contracts.ts';
import type { FunctionSettings } from './records.ts';

export interface InvocationReport {
  readonly durationMs: number;
  readonly initMs: number | undefined;
  readonly timedOut: boolean;
}

/** The lines that one invocation writes to its log group, in Lambda's formats. */
export interface LogWriter {
  start(version: string): void;
  write(text: string, level: string | undefined): void;
  report(report: InvocationReport): void;
  /** The last 4 KB, for `LogType: Tail`. */
  tail(): string;
}

const TAIL_BYTES = 4_096;

const isJsonObject = (text: string): boolean => text.startsWith('{') && text.endsWith('}');

export interface LogWriterOptions {
  readonly ports: Pick<CloudPorts, 'putLogLine'>;
  readonly clock: LocalClock;
  readonly settings: Pick<FunctionSettings, 'logGroup' | 'logFormat' | 'memorySizeMb'>;
  readonly logStream: string;
  readonly requestId: string;
}

export const createLogWriter = ({ ports, clock, settings, logStream, requestId }: LogWriterOptions): LogWriter => {
  const { logGroup, logFormat, memorySizeMb } = settings;
  const lines: string[] = [];
  const put = (message: string): void => {
    lines.push(message);
    ports.putLogLine({ logGroup, logStream, atMs: clock.nowMs(), message });
  };
  const platformEvent = (type: string, record: Readonly<Record<string, unknown>>): string =>
    JSON.stringify({ time: new Date(clock.nowMs()).toISOString(), type, record: { requestId, ...record } });

  const format = (line: string, level: string | undefined): string => {
    // A line that is JSON itself (a structured log, an embedded metric) is what CloudWatch reads: no format wraps it.
    if (level === undefined || isJsonObject(line)) return line;
    const timestamp = new Date(clock.nowMs()).toISOString();
    if (logFormat === 'JSON') return JSON.stringify({ timestamp, level, requestId, message: line });
    return `${timestamp}\t${requestId}\t${level}\t${line}`;
  };

  return {
    start: (version) => {
      put(
        logFormat === 'JSON'
          ? platformEvent('platform.start', { version })
          : `START RequestId: ${requestId} Version: ${version}`,
      );
    },
    write: (text, level) => {
      // console.log is one line however long; what is written to stdout directly is split as the runtime does.
      const parts = level === undefined ? text.split('\n').filter((part) => part !== '') : [text];
      for (const part of parts) put(format(part, level));
    },
    report: ({ durationMs, initMs, timedOut }) => {
      if (logFormat === 'JSON') {
        const metrics = {
          durationMs,
          billedDurationMs: Math.ceil(durationMs),
          memorySizeMB: memorySizeMb,
          initDurationMs: initMs,
        };
        put(platformEvent('platform.report', { status: timedOut ? 'timeout' : 'success', metrics }));
        return;
      }
      const init = initMs === undefined ? '' : `\tInit Duration: ${initMs.toFixed(2)} ms`;
      put(`END RequestId: ${requestId}`);
      put(
        `REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${Math.ceil(durationMs)} ms\tMemory Size: ${memorySizeMb} MB${init}${timedOut ? '\tStatus: timeout' : ''}`,
      );
    },
    tail: () => Buffer.from(lines.join('\n')).subarray(-TAIL_BYTES).toString('utf8'),
  };
};
