import { defineModel } from '../../shared/contracts/model-definition.ts';
import { benchDefinition } from './training-bench.ts';

/** The bench's model asked by entity: the late share of a kind in the last day, and what a request brings. */

const FEATURES_SQL = `SELECT d.id AS row_key, d.at_ms AS event_at_ms, d.kind, d.at_ms, d.x,
  CASE d.kind WHEN 'a' THEN 'America/Chicago' ELSE 'Asia/Kolkata' END AS zone,
  count(p.id) FILTER (p.late) / count(p.id) AS late_share, count(p.id) AS kind_rows,
  d.late::DOUBLE AS label, d.known_at_ms AS label_known_at_ms
FROM dataset AS d LEFT JOIN dataset AS p
  ON p.kind = d.kind AND p.known_at_ms < d.at_ms AND p.known_at_ms >= d.at_ms - 86400000
GROUP BY ALL`;

const { data, ...rest } = benchDefinition();

export const entityDefinition = (change: Partial<Parameters<typeof defineModel>[0]> = {}) =>
  defineModel({
    ...rest,
    data: {
      ...data,
      featuresSql: FEATURES_SQL,
      requestValues: [
        { name: 'at', type: 'timestamp' },
        { name: 'x', type: 'number' },
      ],
      requestFeatures: [
        { name: 'hour', expression: { op: 'hour', of: ['at', 'zone'] } },
        { name: 'excess', expression: { op: 'subtract', of: ['x', 'late_share'] } },
      ],
    },
    features: [
      { name: 'late_share', type: 'number', min: 0, max: 1, nullable: true },
      { name: 'kind_rows', type: 'number', min: 0 },
      { name: 'hour', type: 'number', min: 0, max: 23 },
      { name: 'excess', type: 'number', nullable: true },
    ],
    featureViews: [
      {
        name: 'kind',
        entity: ['kind'],
        features: ['late_share', 'kind_rows'],
        attributes: [{ name: 'zone', type: 'category' }],
        sql: 'SELECT DISTINCT kind, :as_of_ms AS at_ms FROM dataset',
        lookBackDays: 2,
        ttlMinutes: 120,
        schedule: 'rate(1 hour)',
      },
    ],
    ...change,
  });
