import { assert } from '../../../kernel/assert.ts';
import { sqlNumber, sqlText } from '../sql-text.ts';
import type { ComparedValue } from './compare-features.ts';
import type { FeatureSources } from './complete-row.ts';
import { type ComputedEntity, computeView, type ViewEngine } from './compute-view.ts';
import { columnOf, requestFeatureSql } from './expression-sql.ts';
import { entityText, type OnlineValue } from './online-plan.ts';
import type { TransformData, ViewSql } from './transform.ts';

/** A captured prediction by entity. */
export interface CapturedRow {
  readonly predictionId: string;
  readonly atMs: number;
  readonly inputs: Readonly<Record<string, OnlineValue>>;
  readonly sources: FeatureSources;
}

/** As of when a row's view is replayed; undefined leaves the view's features of that row out. */
export type MomentOf = (row: CapturedRow, view: ViewSql) => number | undefined;

interface Replay {
  readonly data: TransformData;
  readonly views: readonly ViewSql[];
  readonly momentOf: MomentOf;
}

const entityAt = (view: ViewSql, { sources }: CapturedRow, momentMs: number): string =>
  `${momentMs} ${entityText({ view: view.name, entity: view.entity.map((name) => sources.entities[name] ?? '') })}`;

const replayView = async (
  engine: ViewEngine,
  { data, momentOf }: Replay,
  view: ViewSql,
  rows: readonly CapturedRow[],
): Promise<ReadonlyMap<string, ComputedEntity['values']>> => {
  const moments = new Set(rows.map((row) => momentOf(row, view)).filter((momentMs) => momentMs !== undefined));
  const computed = await computeView(
    engine,
    data,
    view,
    [...moments].toSorted((a, b) => a - b),
  );
  return new Map(
    computed.map(({ entity, eventAtMs, values }) => [
      `${eventAtMs} ${entityText({ view: view.name, entity })}`,
      values,
    ]),
  );
};

/** What a row's views hold by the training transform; undefined where a view is left out or knows no such entity. */
type Held = ReadonlyMap<string, ComputedEntity['values'] | undefined>;

const NOTHING: ComputedEntity['values'] = {};

/** The features that a view gave a row, as served and as trained on. */
const viewValues = (row: CapturedRow, view: ViewSql, held: Held): readonly ComparedValue[] => {
  const values = held.get(view.name);
  if (values === undefined) return [];
  return view.held
    .filter(({ name }) => Object.hasOwn(row.inputs, name) && !row.sources.given.includes(name))
    .map(({ name }) => ({
      predictionId: row.predictionId,
      feature: name,
      served: row.inputs[name] ?? null,
      trained: values[name] ?? null,
    }));
};

const literal = (value: OnlineValue | undefined, type: string): string => {
  const sqlType = type === 'category' ? 'VARCHAR' : type === 'timestamp' ? 'BIGINT' : 'DOUBLE';
  if (value === undefined || value === null) return `NULL::${sqlType}`;
  return `${typeof value === 'number' ? sqlNumber(value) : sqlText(value)}::${sqlType}`;
};

/** Rows a statement takes. */
const ROWS_A_QUERY = 500;

/** The request features of rows by the training expressions in SQL, over what the rows brought and the views hold. */
const requestValues = async (
  engine: ViewEngine,
  { data, views }: Replay,
  rows: readonly { readonly row: CapturedRow; readonly held: Held }[],
): Promise<readonly ComparedValue[]> => {
  const { requestFeatures = [], requestValues: brought = [] } = data;
  if (requestFeatures.length === 0 || rows.length === 0) return [];
  const columns = [
    ...brought.map((value) => ({ column: columnOf(value), type: value.type, of: value.name, view: undefined })),
    ...views.flatMap((view) => view.held.map(({ name, type }) => ({ column: name, type, of: name, view: view.name }))),
  ];
  const tuples = rows.map(({ row, held }, i) => {
    const cells = columns.map(({ type, of, view }) =>
      literal(view === undefined ? row.sources.values[of] : (held.get(view) ?? NOTHING)[of], type),
    );
    return `(${[i, ...cells].join(', ')})`;
  });
  const names = ['row_index', ...columns.map(({ column }) => `"${column}"`)].join(', ');
  const features = requestFeatures.map((feature) => requestFeatureSql(feature, brought)).join(', ');
  const sql = `SELECT row_index, ${features} FROM (VALUES ${tuples.join(', ')}) AS captured(${names})`;
  const computed = await engine.query(sql);
  return computed.flatMap((result) => {
    const found = rows[Number(result.row_index)];
    assert(found !== undefined, 'a row of the query is one of those asked for');
    const { predictionId, inputs, sources } = found.row;
    return requestFeatures
      .filter(({ name }) => Object.hasOwn(inputs, name) && !sources.given.includes(name))
      .map(({ name }) => ({
        predictionId,
        feature: name,
        served: inputs[name] ?? null,
        trained: (result[name] ?? null) as OnlineValue,
      }));
  });
};

/**
 * Sends captured rows through the training transform: every feature that the platform had found for a row, beside what a
 * row of its entities at the moment would be trained on. Reads the view or table `known_rows`. A row whose views are not
 * all replayed has its request features left out, since they may depend on them.
 */
export const replayRequests = async (
  engine: ViewEngine,
  replay: Replay,
  rows: readonly CapturedRow[],
): Promise<readonly ComparedValue[]> => {
  const found = new Map<string, ReadonlyMap<string, ComputedEntity['values']>>();
  for (const view of replay.views) found.set(view.name, await replayView(engine, replay, view, rows));
  const replayed = rows.map((row) => {
    const held: Held = new Map(
      replay.views.map((view) => {
        const momentMs = replay.momentOf(row, view);
        if (momentMs === undefined) return [view.name, undefined];
        return [view.name, found.get(view.name)?.get(entityAt(view, row, momentMs)) ?? NOTHING];
      }),
    );
    return { row, held };
  });
  const compared = replayed.flatMap(({ row, held }) => replay.views.flatMap((view) => viewValues(row, view, held)));
  const whole = replayed.filter(({ row, held }) =>
    Object.keys(row.sources.views).every((view) => held.get(view) !== undefined),
  );
  for (let from = 0; from < whole.length; from += ROWS_A_QUERY) {
    compared.push(...(await requestValues(engine, replay, whole.slice(from, from + ROWS_A_QUERY))));
  }
  return compared;
};
