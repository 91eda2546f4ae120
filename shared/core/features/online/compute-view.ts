import { InvalidRequestError } from '../../../kernel/errors.ts';
import { isoTime } from '../../../kernel/time.ts';
import { entityText, type OnlineValue } from './online-plan.ts';
import { datasetWithEntitiesSql, entityRowsSql, type TransformData, type ViewSql, viewValuesSql } from './transform.ts';

/** DuckDB, as far as this needs it. */
export interface ViewEngine {
  execute(sql: string): Promise<void>;
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** The values of an entity as of a moment. */
export interface ComputedEntity {
  readonly entity: readonly string[];
  readonly eventAtMs: number;
  readonly values: Readonly<Record<string, OnlineValue>>;
}

type Row = Readonly<Record<string, unknown>>;

const keyPart = (value: unknown, view: ViewSql, name: string): string => {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw new InvalidRequestError(
    `view ${view.name} gives a row whose ${name} is ${JSON.stringify(value)}, must be text`,
  );
};

const decode = (view: ViewSql, row: Row): ComputedEntity => ({
  entity: view.entity.map((name) => keyPart(row[name], view, name)),
  eventAtMs: Number(row.event_at_ms),
  values: Object.fromEntries(view.held.map(({ name }) => [name, (row[name] ?? null) as OnlineValue])),
});

const requireOnce = (view: ViewSql, computed: readonly ComputedEntity[]): void => {
  const seen = new Set<string>();
  for (const { entity, eventAtMs } of computed) {
    const text = `${entityText({ view: view.name, entity })} as of ${isoTime(eventAtMs)}`;
    if (seen.has(text)) {
      throw new InvalidRequestError(
        `view ${view.name} has different values for ${text}: they must depend on entity and moment alone`,
      );
    }
    seen.add(text);
  }
};

/**
 * Asks the training transform for every entity of a view at these moments: what a row of the entity with that event time
 * would be trained on, of what was known by then. Reads the view or table `known_rows`, the dataset's rows.
 * @throws InvalidRequestError when the view's SQL does not fit, with what is wrong.
 */
export const computeView = async (
  engine: ViewEngine,
  data: TransformData,
  view: ViewSql,
  momentsMs: readonly number[],
): Promise<readonly ComputedEntity[]> => {
  if (momentsMs.length === 0) return [];
  for (const sql of entityRowsSql(view, momentsMs)) await engine.execute(sql);
  const [stood] = await engine.query('SELECT count(*) AS row_count FROM entity_rows');
  if (Number(stood?.row_count) === 0) return [];
  await engine.execute(datasetWithEntitiesSql(Math.max(...momentsMs)));
  const computed = (await engine.query(viewValuesSql(data, view, momentsMs))).map((row) => decode(view, row));
  if (computed.length === 0) {
    throw new InvalidRequestError(`no row of view ${view.name} has its event at :as_of_ms`);
  }
  requireOnce(view, computed);
  return computed;
};
