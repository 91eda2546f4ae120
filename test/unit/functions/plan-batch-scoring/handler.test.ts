import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openScoringBench, parquetOf, scoredRowsSql } from '../../../helpers/scoring-bench.ts';

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

describe('planning a batch scoring', () => {
  it('divides every object by its row groups, from the footers alone', async () => {
    const bench = await openScoringBench({
      'a.parquet': await parquetOf(scoredRowsSql(60_000), 20_480),
      'b.parquet': await parquetOf("SELECT 0.5 AS x, 'a' AS kind"),
    });

    const planned = await bench.plan();

    const parts = await bench.readItems();
    expect(planned).toEqual({ itemsKey: 'batch-scoring/toy/june/parts.jsonl', partCount: 3 });
    expect(parts.map(({ key, fromRow, rowCount, hasRowKey }) => [key, fromRow, rowCount, hasRowKey])).toEqual([
      ['scoring/in/a.parquet', 0, 40_960, true],
      ['scoring/in/a.parquet', 40_960, 19_040, true],
      ['scoring/in/b.parquet', 0, 1, false],
    ]);
    const [first, second] = parts;
    expect(first?.fromByte).toBe(4);
    expect(second?.fromByte).toBe(first?.toByte);
    expect(second?.toByte).toBeLessThanOrEqual(second?.footerFromByte ?? 0);
  });

  it('is done once: objects that came since change nothing', async () => {
    const bench = await openScoringBench({ 'a.parquet': await parquetOf(scoredRowsSql(10)) });
    const first = await bench.plan();
    await bench.data.put('scoring/in/a.parquet', new Uint8Array([1]));

    const again = await bench.plan();

    expect(again).toEqual(first);
  });

  it('refuses, before anything is scored, columns that are missing or of another type, by name', async () => {
    const bench = await openScoringBench({
      'a.parquet': await parquetOf("SELECT 'text' AS x, 'a' AS kind"),
      'b.parquet': await parquetOf('SELECT 0.5 AS x'),
    });

    await expect(bench.plan()).rejects.toThrow(
      'the input does not fit toy@1: scoring/in/a.parquet column x must hold numbers, it is VARCHAR; ' +
        'scoring/in/b.parquet has no column kind, which the model reads',
    );
    expect(await bench.artifacts.list('batch-scoring/toy/june/p')).toEqual([]);
  });

  it('refuses what is no Parquet file, what has no rows, and an object that changed', async () => {
    const text = await openScoringBench({ 'a.parquet': new TextEncoder().encode('x,kind\n0.5,a\n0.7,b\n') });
    const empty = await openScoringBench({ 'a.parquet': await parquetOf(`${scoredRowsSql(1)} WHERE false`) });
    const changed = await openScoringBench({ 'a.parquet': await parquetOf(scoredRowsSql(10)) });
    await changed.data.put('scoring/in/a.parquet', await parquetOf(scoredRowsSql(11)));

    await expect(text.plan()).rejects.toThrow('object scoring/in/a.parquet is not a Parquet file');
    await expect(empty.plan()).rejects.toThrow('hold no rows');
    await expect(changed.plan()).rejects.toMatchObject({ name: 'ConflictError' });
  });
});
