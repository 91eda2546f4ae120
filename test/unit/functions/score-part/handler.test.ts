import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ScoringPart } from '../../../../shared/core/batch-scoring/index.ts';
import { trainElsewhere } from '../../../helpers/models-from-elsewhere.ts';
import { openScoringBench, parquetOf, queryParquet, scoredRowsSql } from '../../../helpers/scoring-bench.ts';

const OUTPUT = 'scoring/in.scored/june/part-00000.parquet';

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

const planned = async (inputs: Readonly<Record<string, Uint8Array>>) => {
  const bench = await openScoringBench(inputs);
  await bench.plan();
  return { ...bench, parts: await bench.readItems() };
};

describe('scoring a part', () => {
  it('gives each row its key, its position and the model’s own answer', async () => {
    const input = await parquetOf(scoredRowsSql(3_000));
    const { score, parts, data, model, job, runtime } = await planned({ 'a.parquet': input });

    const result = await score(parts);

    expect(result).toEqual({ written: 1, skipped: 0, rowCount: 3_000 });
    const sql = `SELECT s.*, r.x, r.kind, r.row_key = s.row_key AS same_key FROM file_0 AS s
JOIN (SELECT *, row_number() OVER () - 1 AS i FROM file_1) AS r ON r.i = s.row_number ORDER BY s.row_number`;
    const rows = await queryParquet([await data.get(OUTPUT), input], sql);
    const loaded = await runtime.load(model);
    const x = Float32Array.from(rows, (row) => (row.x === null ? Number.NaN : Number(row.x)));
    const expected = await loaded.predict({ x, kind: rows.map(({ kind }) => String(kind)) }, rows.length);
    await loaded.release();
    expect(rows).toHaveLength(3_000);
    expect(rows.map(({ prediction }) => prediction)).toEqual(Array.from(expected));
    expect(new Set(expected).size).toBeGreaterThan(5);
    expect(rows.every(({ same_key }) => same_key === true)).toBe(true);
    expect(rows[7]).toMatchObject({
      input_file: 'scoring/in/a.parquet',
      row_number: 7,
      row_key: 'k7',
      model_version: 1,
      model_digest: job.modelDigest,
    });
  });

  it('reads nothing of the object but its footer and its own row groups', async () => {
    const input = await parquetOf(scoredRowsSql(60_000), 20_480);
    const { score, parts, data, reads } = await planned({ 'a.parquet': input });
    const last = parts[1] as ScoringPart;
    reads.length = 0;

    await score([last]);

    expect(reads.map(({ fromByte, toByte }) => [fromByte, toByte])).toEqual([
      [last.fromByte, last.toByte],
      [last.footerFromByte, last.sizeBytes],
    ]);
    const [found] = await queryParquet(
      [await data.get('scoring/in.scored/june/part-00001.parquet')],
      'SELECT count(*) AS n, min(row_number) AS a, max(row_number) AS b, min(row_key) AS k FROM file_0',
    );
    expect(found).toEqual({ n: 19_040, a: 40_960, b: 59_999, k: 'k40960' });
  });

  it('passes over a part whose output stands, and makes the same bytes again', async () => {
    const { score, parts, data } = await planned({ 'a.parquet': await parquetOf(scoredRowsSql(500)) });
    await score(parts);
    const first = await data.get(OUTPUT);
    await data.put(OUTPUT, new Uint8Array([1]));

    const skipped = await score(parts);
    const other = await planned({ 'a.parquet': await parquetOf(scoredRowsSql(500)) });
    await other.score(other.parts);

    expect(skipped).toEqual({ written: 0, skipped: 1, rowCount: 0 });
    expect(await data.get(OUTPUT)).toEqual(new Uint8Array([1]));
    expect(await other.data.get(OUTPUT)).toEqual(first);
  });

  it('is written by one of two that score it at the same time', async () => {
    const { score, parts, data } = await planned({ 'a.parquet': await parquetOf(scoredRowsSql(500)) });

    const results = await Promise.all([score(parts), score(parts)]);

    expect(results.map(({ written }) => written).sort()).toEqual([0, 1]);
    expect(await data.list('scoring/in.scored/')).toHaveLength(1);
  });

  it('writes nothing for rows that the model does not take, and says which and why', async () => {
    const rows = "SELECT 0.5 AS x, CASE WHEN i = 300 THEN NULL ELSE 'a' END AS kind FROM range(400) AS t(i)";
    const { score, parts, data, artifacts } = await planned({ 'a.parquet': await parquetOf(rows) });

    await expect(score(parts)).rejects.toThrow(
      'scoring/in/a.parquet has no kind in row 300, and the model takes no missing kind',
    );
    expect(await data.list('scoring/in.scored/')).toEqual([]);
    const note = new TextDecoder().decode(await artifacts.get('batch-scoring/toy/june/failures/0.json'));
    expect(JSON.parse(note)).toMatchObject({ part: 0, input: 'scoring/in/a.parquet', error: 'InvalidRequestError' });
  });

  it('scores no input that changed since it was planned, nor by another model than was asked for', async () => {
    const changed = await planned({ 'a.parquet': await parquetOf(scoredRowsSql(10)) });
    await changed.data.put('scoring/in/a.parquet', await parquetOf(scoredRowsSql(11)));
    const tampered = await planned({ 'a.parquet': await parquetOf(scoredRowsSql(10)) });
    await tampered.artifacts.put(`${tampered.job.artifactPrefix}model.onnx`, trainElsewhere({ rounds: 3 }));

    await expect(changed.score(changed.parts)).rejects.toMatchObject({ name: 'ConflictError' });
    await expect(tampered.score(tampered.parts)).rejects.toThrow(`must have the digest ${tampered.job.modelDigest}`);
    expect(await changed.data.list('scoring/in.scored/')).toEqual([]);
  });
});
