import { featureColumnSql } from '../feature-table.ts';
import { sqlName, sqlNumber, sqlQuery, sqlText } from '../sql-text.ts';
import type { RequestFeature, RequestValue } from './expression.ts';
import { requestFeatureSql } from './expression-sql.ts';

/** Where the features of a definition come from. */
export interface TransformData {
  readonly featuresSql: string;
  readonly requestValues?: readonly RequestValue[] | undefined;
  readonly requestFeatures?: readonly RequestFeature[] | undefined;
}

/**
 * The whole training transform as one query over the view `dataset`: `featuresSql`, and the request features by their
 * expressions. Training, the online store and the skew audit all ask this query.
 */
export const transformSql = ({ featuresSql, requestValues = [], requestFeatures = [] }: TransformData): string =>
  requestFeatures.length === 0
    ? featuresSql
    : `SELECT *,\n${requestFeatures.map((feature) => requestFeatureSql(feature, requestValues)).join(',\n')}
FROM ${sqlQuery(featuresSql)}`;

interface Held {
  readonly name: string;
  readonly type: 'number' | 'category';
}

/** What a query of a view's values needs of it. */
export interface ViewSql {
  readonly name: string;
  readonly entity: readonly string[];
  /** Features and attributes, with their types. */
  readonly held: readonly Held[];
  readonly sql: string;
}

/** A definition's view with the types of its features. */
export const viewSqlOf = (
  features: readonly Held[],
  view: {
    readonly name: string;
    readonly entity: readonly string[];
    readonly features: readonly string[];
    readonly attributes: readonly Held[];
    readonly sql: string;
  },
): ViewSql => ({
  name: view.name,
  entity: view.entity,
  held: [...features.filter(({ name }) => view.features.includes(name)), ...view.attributes],
  sql: view.sql,
});

/** Creates the view `known_rows`: the rows of a dataset's files, whenever they became known. */
export const knownRowsSql = (files: readonly string[]): string =>
  `CREATE OR REPLACE VIEW known_rows AS SELECT * FROM read_parquet([${files.map(sqlText).join(', ')}], union_by_name = true)`;

/** Gives when the next of those rows becomes known after a moment; NULL when all are known. */
export const nextKnownSql = (asOfMs: number): string =>
  `SELECT min(known_at_ms) AS next_known_at_ms FROM known_rows WHERE known_at_ms > ${sqlNumber(asOfMs)}`;

/** Known to nobody: what stands in for an entity is no news to any row. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

const atMoment = (sql: string, asOfMs: number): string => sql.replaceAll(':as_of_ms', sqlNumber(asOfMs));

/** The view `dataset` as it was known at a moment, over the table or view `known_rows`. */
const knownSql = (asOfMs: number): string =>
  `CREATE OR REPLACE VIEW dataset AS SELECT * FROM known_rows WHERE known_at_ms <= ${sqlNumber(asOfMs)}`;

/**
 * Statements that make the table `entity_rows`: what stands in the dataset for every entity of a view at each moment.
 * They read the view `known_rows`, the dataset's rows.
 */
export const entityRowsSql = (view: ViewSql, momentsMs: readonly number[]): readonly string[] => [
  'CREATE OR REPLACE TABLE entity_rows AS SELECT * FROM known_rows LIMIT 0',
  ...momentsMs.flatMap((asOfMs) => [
    knownSql(asOfMs),
    `INSERT INTO entity_rows BY NAME SELECT *, ${NEVER_MS} AS known_at_ms FROM ${sqlQuery(atMoment(view.sql, asOfMs))}`,
  ]),
];

/** The dataset with the stand-ins beside what was known at the last moment that matters. */
export const datasetWithEntitiesSql = (asOfMs: number): string =>
  `CREATE OR REPLACE VIEW dataset AS SELECT * FROM known_rows WHERE known_at_ms <= ${sqlNumber(asOfMs)}
UNION ALL BY NAME SELECT * FROM entity_rows`;

/**
 * A view's values at these moments, by the training transform: rows of join key, `event_at_ms`, features and attributes.
 * A row of the dataset with the same entity and moment gives the same values, so it need not be told apart.
 */
export const viewValuesSql = (data: TransformData, view: ViewSql, momentsMs: readonly number[]): string => {
  const columns = [...view.entity.map(sqlName), ...view.held.map(featureColumnSql)];
  return `SELECT DISTINCT event_at_ms::BIGINT AS event_at_ms, ${columns.join(', ')}
FROM ${sqlQuery(transformSql(data))}
WHERE event_at_ms IN (${momentsMs.map(sqlNumber).join(', ')}) ORDER BY ALL`;
};
