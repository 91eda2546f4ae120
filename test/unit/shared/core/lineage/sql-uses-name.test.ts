import { expect, it } from 'vitest';
import { sqlUsesName } from '../../../../../shared/core/lineage/index.ts';

const SQL = `SELECT f.Distance, "origin", 'late' AS text -- delay is not read
FROM dataset AS f /* nor is destination */ WHERE note <> 'it''s carrier'`;

it.each([
  ['distance', true],
  ['origin', true],
  ['note', true],
  ['dist', false],
  ['late', false],
  ['delay', false],
  ['destination', false],
  ['carrier', false],
])('says whether a statement names the column %s: %s', (name, expected) => {
  expect(sqlUsesName(SQL, name)).toBe(expected);
});
