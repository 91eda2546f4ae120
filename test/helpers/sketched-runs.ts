import { expect } from 'vitest';
import { createMemoryTrackingStore } from '../../shared/adapters/memory/tracking-store.ts';
import {
  type Clause,
  type Field,
  type MetricPoint,
  type OrderBy,
  type Run,
  type RunEntry,
  type RunIndexReads,
  type RunSearch,
  searchRuns,
  type ViewType,
} from '../../shared/core/tracking/index.ts';
import { fc } from './properties.ts';

/** Runs drawn at random, a store over them with faults in its indexes, and what a search of them must give. */

/** A run, from little: everything not named has no value. */
export interface RunSketch {
  readonly experimentId?: string;
  readonly startTimeMs?: number;
  readonly endTimeMs?: number | undefined;
  readonly runName?: string;
  readonly status?: 'RUNNING' | 'FINISHED';
  readonly deleted?: boolean;
  readonly hot?: boolean;
  readonly metrics?: Readonly<Record<string, number>>;
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  readonly datasets?: readonly string[];
  /** Entries left over in the indexes. */
  readonly staleMetrics?: Readonly<Record<string, number>>;
  readonly staleParams?: Readonly<Record<string, string>>;
}

export const idOf = (index: number): string =>
  `${'0123456789abcdef'[(index * 7) % 16]}${index.toString(16).padStart(31, '0')}`;

const runOf = (sketch: RunSketch, index: number): Run => {
  const { experimentId = '1', startTimeMs = 0, endTimeMs, runName = 'name', status = 'RUNNING' } = sketch;
  const points = Object.entries(sketch.metrics ?? {}).map(([key, value]): readonly [string, MetricPoint] => [
    key,
    { key, value, timestampMs: 0, step: 0 },
  ]);
  return {
    info: {
      runId: idOf(index),
      experimentId,
      runName,
      userId: 'me',
      status,
      startTimeMs,
      ...(endTimeMs === undefined ? {} : { endTimeMs }),
      lifecycleStage: sketch.deleted ? 'deleted' : 'active',
      artifactUri: `uri/${index}`,
    },
    params: sketch.params ?? {},
    tags: sketch.tags ?? {},
    metrics: Object.fromEntries(points),
    datasetInputs: (sketch.datasets ?? []).map((name) => ({
      name,
      digest: 'd',
      sourceType: 't',
      source: 's',
      tags: {},
    })),
    modelInputs: [],
    modelOutputs: [],
  };
};

export const NO_PARAM_INDEX: Field = { kind: 'param', key: 'unindexed' };

interface Store {
  readonly runs: readonly Run[];
  readonly index: RunIndexReads;
  readonly readCount: () => number;
}

export const storeOf = async (sketches: readonly RunSketch[]): Promise<Store> => {
  const runs = sketches.map(runOf);
  const hot = new Set(runs.filter((_, index) => sketches[index]?.hot).map(({ info }) => info.runId));
  const store = createMemoryTrackingStore({
    isHot: ({ info }) => hot.has(info.runId),
    keeps: ({ kind, key }) =>
      kind !== 'metadata' && (kind !== 'attribute' || key === 'start_time') && key !== NO_PARAM_INDEX.key,
    staleEntries: (experimentId, { kind, key }) =>
      sketches.flatMap((sketch, index): readonly RunEntry[] => {
        const values = kind === 'metric' ? sketch.staleMetrics : kind === 'param' ? sketch.staleParams : undefined;
        const value = values?.[key];
        const { runId, startTimeMs, experimentId: own } = runs[index]!.info;
        return value === undefined || own !== experimentId ? [] : [{ runId, startTimeMs, value }];
      }),
  });
  for (const experimentId of ['1', '2', '3']) {
    await store.createExperiment({
      experimentId,
      name: experimentId,
      artifactLocation: '',
      lifecycleStage: 'active',
      createdAtMs: 0,
      updatedAtMs: 0,
      tags: {},
    });
  }
  for (const run of runs) await store.createRun(run);
  let readCount = 0;
  const index: RunIndexReads = {
    ...store.index,
    readRuns: (runIds) => {
      readCount += runIds.length;
      return store.index.readRuns(runIds);
    },
  };
  return { runs, index, readCount: () => readCount };
};

// The naive model: every rule again, as plainly as can be.

const valuesOf = (run: Run, { kind, key }: Field): readonly (number | string)[] => {
  const attributes: Record<string, number | string | undefined> = {
    run_id: run.info.runId,
    run_name: run.info.runName,
    status: run.info.status,
    user_id: run.info.userId,
    artifact_uri: run.info.artifactUri,
    start_time: run.info.startTimeMs,
    end_time: run.info.endTimeMs,
  };
  const all: Readonly<Record<Field['kind'], readonly (number | string | undefined)[]>> = {
    attribute: [attributes[key]],
    metric: [run.metrics[key]?.value],
    param: [run.params[key]],
    tag: [run.tags[key]],
    dataset: run.datasetInputs.map(({ name }) => name),
    metadata: [],
  };
  return all[kind].filter((value) => value !== undefined);
};

const likeRegExp = (pattern: string, flags: string): RegExp => {
  const escaped = pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('%', '[^]*').replaceAll('_', '[^]')}$`, `u${flags}`);
};

const holds = (value: number | string, { comparator, value: wanted }: Clause): boolean => {
  const tests: Readonly<Record<Clause['comparator'], () => boolean>> = {
    '=': () => value === wanted,
    '!=': () => value !== wanted,
    '>': () => Number(value) > Number(wanted),
    '>=': () => Number(value) >= Number(wanted),
    '<': () => Number(value) < Number(wanted),
    '<=': () => Number(value) <= Number(wanted),
    IN: () => (wanted as readonly string[]).includes(String(value)),
    'NOT IN': () => !(wanted as readonly string[]).includes(String(value)),
    LIKE: () => likeRegExp(String(wanted), '').test(String(value)),
    ILIKE: () => likeRegExp(String(wanted), 'i').test(String(value)),
  };
  return !Number.isNaN(value) && tests[comparator]();
};

const compareNaively = (a: Run, b: Run, order: readonly OrderBy[]): number => {
  for (const { field, ascending } of order) {
    const [x] = valuesOf(a, field);
    const [y] = valuesOf(b, field);
    const rank = (value: number | string | undefined): number =>
      value === undefined ? 2 : Number.isNaN(value) ? 1 : 0;
    if (rank(x) !== rank(y)) return rank(x) - rank(y);
    if (rank(x) !== 0) continue;
    const bytes = Buffer.compare(Buffer.from(String(x)), Buffer.from(String(y)));
    const compared = typeof x === 'number' ? x - Number(y) : bytes;
    if (compared !== 0) return ascending ? compared : -compared;
  }
  return b.info.startTimeMs - a.info.startTimeMs || (a.info.runId < b.info.runId ? -1 : 1);
};

export type Asked = Pick<RunSearch, 'experimentIds' | 'filter' | 'orderBy' | 'view'>;

export const modelOf = (runs: readonly Run[], { experimentIds, filter, orderBy, view }: Asked): readonly string[] =>
  runs
    .filter(({ info }) => experimentIds.includes(info.experimentId))
    .filter(({ info }) => view === 'ALL' || info.lifecycleStage === (view === 'ACTIVE_ONLY' ? 'active' : 'deleted'))
    .filter((run) => filter.every((clause) => valuesOf(run, clause.field).some((value) => holds(value, clause))))
    .sort((a, b) => compareNaively(a, b, orderBy))
    .map(({ info }) => info.runId);

export const pagesOf = async (search: Omit<RunSearch, 'pageToken'>): Promise<readonly (readonly string[])[]> => {
  const pages: (readonly string[])[] = [];
  let pageToken: string | undefined;
  do {
    const page = await searchRuns({ ...search, ...(pageToken === undefined ? {} : { pageToken }) });
    pages.push(page.runs.map(({ info }) => info.runId));
    expect(page.nextPageToken).not.toBe(pageToken ?? '');
    pageToken = page.nextPageToken;
    if (pages.length > 2_000) throw new Error('endless');
  } while (pageToken !== undefined);
  return pages;
};

export const slices = (ids: readonly string[], size: number): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(ids.length / size) }, (_, page) => ids.slice(page * size, (page + 1) * size));

const LONG = 'ab'.repeat(298);
/** Of the long ones some differ only after 600 bytes, and some are cut at different bytes. */
export const TEXTS = [
  '',
  'a',
  'B',
  'ä',
  '\u{e000}',
  '\u{1f600}',
  'a%',
  `${LONG}abcz`,
  `${LONG}abcé`,
  `${LONG}abc\u{1f600}`,
  `${LONG}abczz`,
  `${LONG}abcza`,
];
const NUMBERS = [-1.5, 0, 0.5, 1, 1e300, Number.NaN];

const text = fc.constantFrom(...TEXTS);
const number = fc.constantFrom(...NUMBERS);
const some = <T>(key: string, value: fc.Arbitrary<T>) => fc.dictionary(fc.constantFrom(key), value, { maxKeys: 1 });
const both = (value: fc.Arbitrary<number>) => fc.dictionary(fc.constantFrom('a', 'b'), value, { maxKeys: 2 });

export const sketch: fc.Arbitrary<RunSketch> = fc.record({
  experimentId: fc.constantFrom('1', '2', '3'),
  startTimeMs: fc.integer({ min: 0, max: 5 }),
  endTimeMs: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
  runName: fc.constantFrom('x', 'y'),
  status: fc.constantFrom('RUNNING', 'FINISHED'),
  deleted: fc.boolean(),
  hot: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  metrics: both(number),
  params: fc.dictionary(fc.constantFrom('p', 'unindexed'), text, { maxKeys: 2 }),
  tags: some('t', text),
  datasets: fc.array(fc.constantFrom('one', 'two'), { maxLength: 2 }),
  staleMetrics: both(number),
  staleParams: some('p', fc.constantFrom('', 'a', 'B', 'ä')),
});

const metricField: fc.Arbitrary<Field> = fc.constantFrom('a', 'b', 'none').map((key) => ({ kind: 'metric', key }));
const textField: fc.Arbitrary<Field> = fc.constantFrom<Field>(
  { kind: 'param', key: 'p' },
  NO_PARAM_INDEX,
  { kind: 'tag', key: 't' },
  { kind: 'attribute', key: 'run_name' },
  { kind: 'attribute', key: 'status' },
  { kind: 'dataset', key: 'name' },
);
const timeField: fc.Arbitrary<Field> = fc
  .constantFrom('start_time', 'end_time')
  .map((key) => ({ kind: 'attribute', key }));
const NUMERIC = ['=', '!=', '>', '>=', '<', '<='] as const;

const clause: fc.Arbitrary<Clause> = fc.oneof(
  fc.record({
    field: metricField,
    comparator: fc.constantFrom(...NUMERIC),
    value: fc.constantFrom(-1.5, 0, 0.5, 1, 1e300),
  }),
  fc.record({ field: timeField, comparator: fc.constantFrom(...NUMERIC), value: fc.integer({ min: 0, max: 5 }) }),
  fc.record({
    field: textField,
    comparator: fc.constantFrom('=', '!=', 'LIKE', 'ILIKE'),
    value: fc.oneof(text, fc.constantFrom('x', 'FINISHED', 'one', '%a%', '_', 'A', '%')),
  }),
  fc.record({
    field: fc.constant<Field>({ kind: 'attribute', key: 'run_id' }),
    comparator: fc.constantFrom('IN', 'NOT IN'),
    value: fc.array(fc.integer({ min: 0, max: 40 }).map(idOf), { minLength: 1, maxLength: 5 }),
  }),
);
const orderField = fc.oneof(
  { weight: 3, arbitrary: metricField },
  timeField,
  textField.filter(({ kind }) => kind !== 'dataset'),
  fc.constant<Field>({ kind: 'attribute', key: 'run_id' }),
);
const order: fc.Arbitrary<readonly OrderBy[]> = fc.uniqueArray(
  fc.record({ field: orderField, ascending: fc.boolean() }),
  { maxLength: 3, selector: ({ field }) => `${field.kind}.${field.key}` },
);
export const asked: fc.Arbitrary<Asked> = fc.record({
  experimentIds: fc.subarray(['1', '2', '3'], { minLength: 1 }),
  filter: fc.array(clause, { maxLength: 2 }),
  orderBy: order,
  view: fc.constantFrom<ViewType>('ACTIVE_ONLY', 'DELETED_ONLY', 'ALL'),
});

/** Runs enough for a search to give up walking. */
export const manyRuns = (): readonly RunSketch[] => {
  let state = 7;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const pick = <T>(values: readonly T[]): T => values[draw(values.length)]!;
  /** Once in `of` times. */
  const rarely = <T>(of: number, value: T, otherwise: T): T => (draw(of) === 0 ? value : otherwise);
  return Array.from({ length: 900 }, () => ({
    experimentId: pick(['1', '2', '3']),
    startTimeMs: draw(400),
    endTimeMs: rarely<number | undefined>(2, undefined, draw(50)),
    runName: pick(['x', 'y']),
    status: rarely<'RUNNING' | 'FINISHED'>(40, 'FINISHED', 'RUNNING'),
    deleted: rarely(4, true, false),
    hot: rarely(60, true, false),
    metrics: {
      ...rarely<RunSketch['metrics']>(3, {}, { a: pick([...NUMBERS, 2, 3, 4, 5]) }),
      ...rarely<RunSketch['metrics']>(60, { b: pick(NUMBERS) }, {}),
    },
    params: {
      ...rarely<RunSketch['params']>(3, {}, { p: pick(TEXTS) }),
      ...rarely<RunSketch['params']>(60, { unindexed: 'a' }, {}),
    },
    tags: rarely<RunSketch['tags'] & {}>(30, { t: pick(TEXTS) }, {}),
    datasets: rarely<readonly string[]>(50, ['one'], []),
    staleMetrics: rarely<RunSketch['metrics'] & {}>(2, { a: pick(NUMBERS) }, {}),
  }));
};
