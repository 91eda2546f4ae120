import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../shared/kernel/time.ts';
import type { ServiceContext } from '../contracts.ts';
import {
  type Aggregate,
  addSample,
  addStatisticSet,
  emptyAggregate,
  mergeAggregate,
  type StatisticSet,
} from './aggregate.ts';

/**
 * Metrics as aggregates per minute, in memory, with a journal on disk. Like CloudWatch it keeps minutes for 15 days,
 * then five minutes up to 63 days, then hours up to 455 days.
 */

export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface Series extends MetricIdentity {
  readonly key: string;
  readonly unit: string;
  /** By the start of the minute. */
  readonly buckets: Map<number, Aggregate>;
  lastAtMs: number;
  /** Day on which old minutes were last rolled up. */
  rolledDay: number;
}

export interface MetricStore {
  /** Not on disk until `flush`, or the end of this turn of the event loop. */
  readonly put: (sample: MetricIdentity & { readonly unit: string; readonly atMs: number } & SampleBody) => void;
  readonly flush: () => void;
  readonly find: (identity: MetricIdentity) => Series | undefined;
  readonly all: () => Iterable<Series>;
  /** Everything in [fromMs, toMs), one period; undefined when there is nothing, or nothing any more. */
  readonly aggregate: (series: Series, fromMs: number, toMs: number) => Aggregate | undefined;
  readonly close: () => void;
}

type SampleBody = { readonly value: number; readonly count?: number } | { readonly statisticSet: StatisticSet };

const JOURNAL_LIMIT_BYTES = 32 * 1024 * 1024;
const RETENTION_MS = 455 * DAY_MS;

const writeKey = ({ namespace, name, dimensions }: MetricIdentity): string =>
  JSON.stringify([namespace, name, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))]);

/** By frozen dimensions, then by namespace and name: services count two dozen metrics at every request. */
const knownKeys = new WeakMap<MetricIdentity['dimensions'], Map<string, string>>();

export const metricKey = (identity: MetricIdentity): string => {
  const { namespace, name, dimensions } = identity;
  if (!Object.isFrozen(dimensions)) return writeKey(identity);
  const keys = knownKeys.get(dimensions) ?? new Map<string, string>();
  if (keys.size === 0) knownKeys.set(dimensions, keys);
  const place = `${namespace}\n${name}`;
  const known = keys.get(place);
  if (known !== undefined) return known;
  const key = writeKey(identity);
  keys.set(place, key);
  return key;
};

const resolutionAt = (ageMs: number): number => {
  if (ageMs > 63 * DAY_MS) return HOUR_MS;
  return ageMs > 15 * DAY_MS ? 5 * MINUTE_MS : MINUTE_MS;
};

/** How far back data points of a period can be had. */
const retentionOf = (periodMs: number): number => {
  if (periodMs % HOUR_MS === 0) return RETENTION_MS;
  return periodMs % (5 * MINUTE_MS) === 0 ? 63 * DAY_MS : 15 * DAY_MS;
};

/** Rolls old minutes up and drops what is past retention. */
const rollUp = (series: Series, nowMs: number): void => {
  for (const [atMs, aggregate] of [...series.buckets]) {
    const ageMs = nowMs - atMs;
    const step = resolutionAt(ageMs);
    const startMs = Math.floor(atMs / step) * step;
    if (startMs === atMs && ageMs <= RETENTION_MS) continue;
    series.buckets.delete(atMs);
    if (ageMs > RETENTION_MS) continue;
    const wider = series.buckets.get(startMs);
    if (wider === undefined) series.buckets.set(startMs, aggregate);
    else mergeAggregate(wider, aggregate);
  }
};

type JournalLine =
  | readonly ['series', id: number, MetricIdentity, unit: string]
  | readonly [id: number, minuteMs: number, value: number, count: number]
  | readonly ['set', id: number, minuteMs: number, StatisticSet]
  | readonly ['sum', id: number, minuteMs: number, StatisticSet, values: readonly (readonly [number, number])[] | null];

const parseLines = (path: string): readonly JournalLine[] => {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as JournalLine];
      } catch {
        // The last line of a process that was killed while it wrote.
        return [];
      }
    });
};

interface Catalogue {
  readonly byKey: Map<string, Series>;
  readonly ids: Map<string, number>;
}

const seriesOf = (catalogue: Catalogue, identity: MetricIdentity, unit: string): Series => {
  const key = metricKey(identity);
  const known = catalogue.byKey.get(key);
  if (known !== undefined) return known;
  const { namespace, name, dimensions } = identity;
  const made: Series = { key, namespace, name, dimensions, unit, buckets: new Map(), lastAtMs: 0, rolledDay: 0 };
  catalogue.byKey.set(key, made);
  return made;
};

const bucketOf = (series: Series, minuteMs: number): Aggregate => {
  const known = series.buckets.get(minuteMs);
  if (known !== undefined) return known;
  const made = emptyAggregate();
  series.buckets.set(minuteMs, made);
  series.lastAtMs = Math.max(series.lastAtMs, minuteMs);
  return made;
};

const replay = (lines: readonly JournalLine[], catalogue: Catalogue): void => {
  const byId = new Map<number, Series>();
  const bucket = (id: number, minuteMs: number): Aggregate | undefined => {
    const series = byId.get(id);
    return series === undefined ? undefined : bucketOf(series, minuteMs);
  };
  for (const line of lines) {
    if (line[0] === 'series') byId.set(line[1], seriesOf(catalogue, line[2], line[3]));
    else if (line[0] === 'set') addTo(bucket(line[1], line[2]), line[3]);
    else if (line[0] === 'sum') restore(bucket(line[1], line[2]), line[3], line[4]);
    else {
      const target = bucket(line[0], line[1]);
      if (target !== undefined) addSample(target, line[2], line[3]);
    }
  }
};

const addTo = (target: Aggregate | undefined, set: StatisticSet): void => {
  if (target !== undefined) addStatisticSet(target, set);
};

const restore = (
  target: Aggregate | undefined,
  set: StatisticSet,
  values: readonly (readonly [number, number])[] | null,
): void => {
  if (target !== undefined) mergeAggregate(target, { ...set, values: values === null ? undefined : new Map(values) });
};

/** The catalogue as journal lines: what compaction writes. */
const snapshotLines = (catalogue: Catalogue): string => {
  const lines: JournalLine[] = [];
  catalogue.ids.clear();
  for (const { key, namespace, name, dimensions, unit, buckets } of catalogue.byKey.values()) {
    const id = catalogue.ids.size;
    catalogue.ids.set(key, id);
    lines.push(['series', id, { namespace, name, dimensions }, unit]);
    for (const [minuteMs, { count, sum, min, max, values }] of buckets) {
      lines.push(['sum', id, minuteMs, { count, sum, min, max }, values === undefined ? null : [...values]]);
    }
  }
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
};

interface Journal {
  readonly append: (line: JournalLine) => void;
  /** One line of finite numbers, which JSON writes as text does: two dozen at every request. */
  readonly appendSample: (id: number, minuteMs: number, value: number, count: number) => void;
  readonly flush: () => void;
  readonly close: () => void;
}

const openJournal = (path: string, compact: () => string): Journal => {
  let pending: string[] = [];
  let scheduled = false;
  let file: number | undefined;
  let sizeBytes = 0;

  const rewrite = (): void => {
    if (file !== undefined) closeSync(file);
    const text = compact();
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
    file = openSync(path, 'a');
    sizeBytes = 0;
  };

  const flush = (): void => {
    scheduled = false;
    if (pending.length === 0 || file === undefined) return;
    const text = pending.join('');
    pending = [];
    writeSync(file, text);
    sizeBytes += text.length;
    if (sizeBytes > JOURNAL_LIMIT_BYTES) rewrite();
  };

  const push = (text: string): void => {
    pending.push(text);
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };

  rewrite();
  return {
    append: (line) => push(`${JSON.stringify(line)}\n`),
    appendSample: (id, minuteMs, value, count) => push(`[${id},${minuteMs},${value},${count}]\n`),
    flush,
    close: () => {
      flush();
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
};

export const openMetricStore = (context: ServiceContext): MetricStore => {
  const folder = join(context.store.folder, 'cloudwatch');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'metrics.jsonl');
  const catalogue: Catalogue = { byKey: new Map(), ids: new Map() };
  replay(parseLines(path), catalogue);
  const journal = openJournal(path, () => {
    for (const series of catalogue.byKey.values()) rollUp(series, context.clock.nowMs());
    return snapshotLines(catalogue);
  });

  const idOf = (series: Series): number => {
    const known = catalogue.ids.get(series.key);
    if (known !== undefined) return known;
    const id = catalogue.ids.size;
    catalogue.ids.set(series.key, id);
    const { namespace, name, dimensions, unit } = series;
    journal.append(['series', id, { namespace, name, dimensions }, unit]);
    return id;
  };

  return {
    put: (sample) => {
      const series = seriesOf(catalogue, sample, sample.unit);
      const nowMs = context.clock.nowMs();
      const today = Math.floor(nowMs / DAY_MS);
      if (series.rolledDay !== today) rollUp(series, nowMs);
      series.rolledDay = today;
      const minuteMs = Math.floor(sample.atMs / MINUTE_MS) * MINUTE_MS;
      const bucket = bucketOf(series, minuteMs);
      const id = idOf(series);
      if ('statisticSet' in sample) {
        addStatisticSet(bucket, sample.statisticSet);
        journal.append(['set', id, minuteMs, sample.statisticSet]);
      } else {
        addSample(bucket, sample.value, sample.count ?? 1);
        journal.appendSample(id, minuteMs, sample.value, sample.count ?? 1);
      }
    },
    flush: journal.flush,
    find: (identity) => catalogue.byKey.get(metricKey(identity)),
    all: () => catalogue.byKey.values(),
    aggregate: (series, fromMs, toMs) =>
      fromMs < context.clock.nowMs() - retentionOf(toMs - fromMs) ? undefined : aggregateOver(series, fromMs, toMs),
    close: journal.close,
  };
};

const aggregateOver = (series: Series, fromMs: number, toMs: number): Aggregate | undefined => {
  if (series.lastAtMs < fromMs) return undefined;
  let total: Aggregate | undefined;
  const add = (bucket: Aggregate | undefined): void => {
    if (bucket === undefined) return;
    total ??= emptyAggregate();
    mergeAggregate(total, bucket);
  };
  // Whichever is shorter: the minutes of the range or the minutes that have data.
  if ((toMs - fromMs) / MINUTE_MS <= series.buckets.size) {
    for (let atMs = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS; atMs < toMs; atMs += MINUTE_MS)
      add(series.buckets.get(atMs));
  } else {
    for (const [atMs, bucket] of series.buckets) if (atMs >= fromMs && atMs < toMs) add(bucket);
  }
  return total;
};
