import type { FeatureSpec } from './feature-spec.ts';
import { sqlName, sqlNumber, sqlQuery } from './sql-text.ts';

export interface TableColumn {
  readonly name: string;
  /** DuckDB's name of the type. */
  readonly type: string;
}

/** Gives the columns of the features' query as rows `{name, type}`, without running it. */
export const featureColumnsSql = (featuresSql: string): string =>
  `SELECT column_name AS name, column_type AS type FROM (DESCRIBE SELECT * FROM ${sqlQuery(featuresSql)})`;

const NUMERIC = /^(BOOLEAN|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL\(.*\))$/;
const INTEGRAL = /^U?((TINY|SMALL|BIG|HUGE)INT|INTEGER)$/;
const TEXTUAL = /^(VARCHAR|ENUM\(.*\))$/;

const requiredColumns = (
  features: readonly FeatureSpec[],
): readonly [name: string, type: RegExp, allowed: string][] => [
  ['row_key', /^(VARCHAR|U?((TINY|SMALL|BIG|HUGE)INT|INTEGER))$/, 'VARCHAR or an integer type'],
  ['event_at_ms', INTEGRAL, 'BIGINT'],
  ['label', NUMERIC, 'DOUBLE'],
  ['label_known_at_ms', INTEGRAL, 'BIGINT'],
  ...features.map(({ name, type }): [string, RegExp, string] =>
    type === 'number' ? [name, NUMERIC, 'a numeric type'] : [name, TEXTUAL, 'VARCHAR'],
  ),
];

export interface ColumnFinding {
  readonly column: string;
  readonly message: string;
}

/** What is wrong with the columns of the features' query: missing ones, and types that do not fit. */
export const checkColumns = (
  features: readonly FeatureSpec[],
  columns: readonly TableColumn[],
): readonly ColumnFinding[] => {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  return requiredColumns(features).flatMap(([column, allowedType, allowed]) => {
    const type = types.get(column);
    if (type === undefined) {
      return [
        { column, message: `column ${column} must be given by featuresSql, got ${[...types.keys()].join(', ')}` },
      ];
    }
    return allowedType.test(type) ? [] : [{ column, message: `column ${column} must be ${allowed}, got ${type}` }];
  });
};

/** NaN and the empty string mean missing everywhere after this point, so both become NULL here, once. */
export const featureColumnSql = ({ name, type }: Pick<FeatureSpec, 'name' | 'type'>): string => {
  const column = sqlName(name);
  return type === 'number'
    ? `CASE WHEN isnan(${column}::DOUBLE) THEN NULL ELSE ${column}::DOUBLE END AS ${column}`
    : `nullif(${column}::VARCHAR, '') AS ${column}`;
};

/**
 * Creates the table `feature_rows`: every row of the features' query whose label was known at `asOfMs`, in one type per
 * kind of column. Check the columns first.
 */
export const featureTableSql = ({
  featuresSql,
  features,
  asOfMs,
}: {
  readonly featuresSql: string;
  readonly features: readonly FeatureSpec[];
  readonly asOfMs: number;
}): string => `CREATE OR REPLACE TABLE feature_rows AS
SELECT row_key::VARCHAR AS row_key, event_at_ms::BIGINT AS event_at_ms,
${features.map(featureColumnSql).join(',\n')},
label::DOUBLE AS label, label_known_at_ms::BIGINT AS label_known_at_ms
FROM ${sqlQuery(featuresSql)}
WHERE label IS NOT NULL AND label_known_at_ms <= ${sqlNumber(asOfMs)}`;
