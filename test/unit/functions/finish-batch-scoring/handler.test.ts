import { beforeEach, describe, expect, it, vi } from 'vitest';
import { openScoringBench, parquetOf, scoredRowsSql } from '../../../helpers/scoring-bench.ts';

const PREFIX = 'scoring/in.scored/june/';

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

const scored = async () => {
  const bench = await openScoringBench({
    'a.parquet': await parquetOf(scoredRowsSql(300)),
    'b.parquet': await parquetOf(scoredRowsSql(200, 300)),
  });
  await bench.plan();
  await bench.score(await bench.readItems());
  const readManifest = async () => JSON.parse(new TextDecoder().decode(await bench.data.get(`${PREFIX}manifest.json`)));
  return { ...bench, readManifest };
};

describe('finishing a batch scoring', () => {
  it('lays a manifest of every output, records the lineage and tells of it', async () => {
    const { finish, readManifest, lineage, events, job } = await scored();

    const finished = await finish();

    const manifest = await readManifest();
    expect(finished).toEqual({ rowCount: 500, output: PREFIX, digest: manifest.digest });
    expect(manifest).toMatchObject({ model: 'toy', version: 1, modelDigest: job.modelDigest, rowCount: 500 });
    const parts = manifest.parts.map((part: Record<string, unknown>) => [part.key, part.input, part.rowCount]);
    expect(parts).toEqual([
      [`${PREFIX}part-00000.parquet`, 'scoring/in/a.parquet', 300],
      [`${PREFIX}part-00001.parquet`, 'scoring/in/b.parquet', 200],
    ]);
    expect(events.published).toEqual([
      {
        type: 'Batch Scoring Finished',
        detail: { model: 'toy', version: 1, jobId: 'june', rowCount: 500, output: PREFIX },
      },
    ]);
    const node = { kind: 'batch-scoring', id: 'toy/june' } as const;
    const above = (await lineage.upstream(node)).items.map(({ upstream }) => upstream);
    expect(above).toHaveLength(2);
    expect(above).toContainEqual({ kind: 'dataset', id: 'scoring/in' });
    expect(above).toContainEqual({ kind: 'model-version', id: 'toy@1' });
    const below = (await lineage.downstream(node)).items.map(({ downstream }) => downstream);
    expect(below).toEqual([{ kind: 'dataset', id: 'scoring/in.scored/june' }]);
  });

  it('says the same when it is run again', async () => {
    const { finish, readManifest } = await scored();
    const first = await finish();
    const manifest = await readManifest();

    expect(await finish()).toEqual(first);
    expect(await readManifest()).toEqual(manifest);
  });

  it.each([
    ['an output is another part’s', 'part-00001.parquet', 'part-00000.parquet', 'part 0 must hold the 300 rows'],
    ['something else lies there', 'part-00001.parquet', 'part-00007.parquet', 'lies among the outputs'],
  ])('lays no manifest when %s', async (_, from, to, message) => {
    const { finish, data, events } = await scored();
    await data.put(`${PREFIX}${to}`, await data.get(`${PREFIX}${from}`));

    await expect(finish()).rejects.toThrow(message);
    expect(await data.exists(`${PREFIX}manifest.json`)).toBe(false);
    expect(events.published).toEqual([]);
  });

  it('lays no manifest before every part has its output', async () => {
    const bench = await openScoringBench({ 'a.parquet': await parquetOf(scoredRowsSql(10)) });
    await bench.plan();

    await expect(bench.finish()).rejects.toThrow('1 of 1 parts have no output, part 0 first');
  });
});
