import { join } from 'node:path';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import { AwsError, type ServiceContext } from '../contracts.ts';
import { embeddedMetrics } from './embedded-metrics.ts';
import { type LogEvent, type LogFile, openLogFile } from './log-file.ts';
import { countLine, type MetricFilter, type RunningFilter, startFilter } from './metric-filter.ts';

export interface LogGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAtMs: number;
  readonly retentionDays?: number | undefined;
  readonly kmsKeyArn?: string | undefined;
}

interface LogStream {
  readonly name: string;
  readonly createdAtMs: number;
}

/** Log groups with their streams, lines and metric filters. */
export interface LogBook {
  /** @throws AwsError ResourceNotFoundException */
  readonly group: (name: string) => LogGroup;
  readonly groups: (prefix: string) => readonly LogGroup[];
  readonly putGroup: (group: Pick<LogGroup, 'name' | 'retentionDays' | 'kmsKeyArn'>) => LogGroup;
  readonly deleteGroup: (name: string) => void;
  readonly streams: (group: string) => readonly LogStream[];
  readonly putStream: (group: string, stream: string) => void;
  readonly deleteStream: (group: string, stream: string) => void;
  readonly append: (group: string, event: LogEvent) => void;
  readonly flush: (group: string) => void;
  /** Lines within retention, by time. */
  readonly read: (group: string) => readonly LogEvent[];
  readonly filters: (group: string) => readonly MetricFilter[];
  readonly putFilter: (filter: MetricFilter) => void;
  readonly deleteFilter: (group: string, name: string) => void;
  readonly stop: () => void;
}

const GROUP_NAME = /^[.\-_/#A-Za-z0-9]{1,512}$/;

/** Group names hold slashes but never this. */
const keyOf = (group: string, name: string): string => `${group}|${name}`;

interface Opened {
  readonly file: LogFile;
  readonly streams: Set<string>;
  filters: readonly RunningFilter[];
}

const createFilters = (context: ServiceContext, changed: (group: string) => void) => {
  const table = context.store.table<MetricFilter>('logs.filters');
  return {
    filters: (group: string): readonly MetricFilter[] => table.entries(`${group}|`).map(([, filter]) => filter),
    putFilter: (filter: MetricFilter): void => {
      startFilter(filter);
      table.put(keyOf(filter.group, filter.name), filter);
      changed(filter.group);
    },
    deleteFilter: (group: string, name: string): void => {
      table.delete(keyOf(group, name));
      changed(group);
    },
  };
};

const createGroups = (context: ServiceContext) => {
  const table = context.store.table<LogGroup>('logs.groups');
  const { region, accountId, clock } = context;
  return {
    find: table.get,
    remove: table.delete,
    group: (name: string): LogGroup => {
      const found = table.get(name);
      if (found === undefined) {
        throw new AwsError('ResourceNotFoundException', `The specified log group does not exist: ${name}`);
      }
      return found;
    },
    groups: (prefix: string): readonly LogGroup[] => table.entries(prefix).map(([, group]) => group),
    putGroup: (input: Pick<LogGroup, 'name' | 'retentionDays' | 'kmsKeyArn'>): LogGroup => {
      if (!GROUP_NAME.test(input.name)) {
        throw new AwsError('InvalidParameterException', `logGroupName must match ${GROUP_NAME}, got ${input.name}`);
      }
      const createdAtMs = table.get(input.name)?.createdAtMs ?? clock.nowMs();
      const group = { ...input, arn: `arn:aws:logs:${region}:${accountId}:log-group:${input.name}`, createdAtMs };
      table.put(input.name, group);
      return group;
    },
  };
};

/** Puts the metrics of a line, and counts what was wrong with it as AWS does. */
const putEmbedded = ({ ports }: ServiceContext, group: string, message: string): void => {
  const { metrics, errorCount } = embeddedMetrics(message);
  for (const metric of metrics) ports.putMetric(metric);
  if (errorCount === 0) return;
  const dimensions = { LogGroupName: group };
  ports.putMetric({ namespace: 'AWS/Logs', name: 'EMFValidationErrors', dimensions, value: errorCount, unit: 'Count' });
};

export const createLogBook = (context: ServiceContext): LogBook => {
  const { clock, store } = context;
  const streamTable = store.table<LogStream>('logs.streams');
  const opened = new Map<string, Opened>();
  const { find, remove, ...groups } = createGroups(context);
  const filters = createFilters(context, (group) => {
    const one = opened.get(group);
    if (one !== undefined) one.filters = filters.filters(group).map(startFilter);
  });

  const streams = (group: string): readonly LogStream[] => streamTable.entries(`${group}|`).map(([, stream]) => stream);

  const open = (name: string): Opened => {
    const known = opened.get(name);
    if (known !== undefined) return known;
    const made: Opened = {
      file: openLogFile(join(store.folder, 'logs', encodeURIComponent(name))),
      streams: new Set(streams(name).map((stream) => stream.name)),
      filters: filters.filters(name).map(startFilter),
    };
    opened.set(name, made);
    return made;
  };

  const putStream = (group: string, stream: string): void => {
    const known = open(group).streams;
    if (known.has(stream)) return;
    streamTable.put(keyOf(group, stream), { name: stream, createdAtMs: clock.nowMs() });
    known.add(stream);
  };

  const deleteStream = (group: string, stream: string): void => {
    streamTable.delete(keyOf(group, stream));
    open(group).streams.delete(stream);
  };

  return {
    ...groups,
    ...filters,
    streams,
    putStream,
    deleteStream,
    deleteGroup: (name) => {
      for (const stream of streams(name)) streamTable.delete(keyOf(name, stream.name));
      for (const filter of filters.filters(name)) filters.deleteFilter(name, filter.name);
      open(name).file.delete();
      opened.delete(name);
      remove(name);
    },
    append: (group, event) => {
      // Lambda creates its group with its first line; an API that must refuse an unknown group asks before.
      if (!opened.has(group) && find(group) === undefined) groups.putGroup({ name: group });
      const one = open(group);
      putStream(group, event.stream);
      one.file.append(event);
      putEmbedded(context, group, event.message);
      for (const filter of one.filters) countLine(filter, event, context.ports.putMetric);
    },
    flush: (group) => open(group).file.flush(),
    read: (name) => {
      const { retentionDays } = groups.group(name);
      const fromMs = retentionDays === undefined ? Number.NEGATIVE_INFINITY : clock.nowMs() - retentionDays * DAY_MS;
      const kept = open(name).streams;
      const events = open(name)
        .file.read()
        .filter((event) => event.atMs >= fromMs && kept.has(event.stream));
      return events.sort((a, b) => a.atMs - b.atMs);
    },
    stop: () => {
      for (const { file } of opened.values()) file.close();
    },
  };
};
