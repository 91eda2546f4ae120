import { afterAll, describe, expect, it } from 'vitest';
import { openDuckDb } from '../../../../../shared/adapters/duckdb/index.ts';
import {
  checkColumns,
  type FeatureSpec,
  featureColumnsSql,
  featureTableSql,
} from '../../../../../shared/core/features/index.ts';

const engine = await openDuckDb();
afterAll(() => engine.close());

const features: readonly FeatureSpec[] = [
  { name: 'x', type: 'number', nullable: true },
  { name: 'c', type: 'category', nullable: true },
];

describe('the feature table', () => {
  it('holds the rows whose label is known, with one kind of missing', async () => {
    const featuresSql = `SELECT * FROM (VALUES
      (1, 10, 'nan'::FLOAT, '', true, 20), (2, 11, 2.5, 'a', false, 21), (3, 12, 1, 'b', NULL, 20), (4, 13, 1, 'b', true, 22)
    ) AS t(row_key, event_at_ms, x, c, label, label_known_at_ms); `;

    await engine.execute(featureTableSql({ featuresSql, features, asOfMs: 21 }));

    expect(await engine.query('FROM feature_rows ORDER BY row_key')).toEqual([
      { row_key: '1', event_at_ms: 10, x: null, c: null, label: 1, label_known_at_ms: 20 },
      { row_key: '2', event_at_ms: 11, x: 2.5, c: 'a', label: 0, label_known_at_ms: 21 },
    ]);
  });

  it('names every column that is missing or of the wrong type before anything runs', async () => {
    const columns = await engine.query(
      featureColumnsSql(
        "SELECT 1 AS row_key, TIMESTAMP '2001-01-01' AS event_at_ms, 'a' AS x, 1::DOUBLE AS label, 2 AS c",
      ),
    );

    const findings = checkColumns(features, columns as { name: string; type: string }[]);

    expect(findings.map(({ message }) => message)).toEqual([
      'column event_at_ms must be BIGINT, got TIMESTAMP',
      'column label_known_at_ms must be given by featuresSql, got row_key, event_at_ms, x, label, c',
      'column x must be a numeric type, got VARCHAR',
      'column c must be VARCHAR, got INTEGER',
    ]);
  });
});
