import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { findPrediction } from '../../../../functions/platform-api/find-prediction.ts';
import { searchEntity } from '../../../../functions/platform-api/search-captures.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { timeOrderedId } from '../../../../shared/kernel/time-ordered-id.ts';

const line = (predictionId: string, customer: string | number, atMs = 0) =>
  JSON.stringify({
    kind: 'prediction',
    predictionId,
    atMs,
    model: 'toy',
    version: 1,
    modelDigest: 'd',
    inputs: { customer, x: 1 },
    output: 0.5,
    latencyMs: 1,
  });

const file = (...lines: readonly string[]) => gzipSync(lines.map((text) => `${text}\n`).join(''));
const request = { model: 'toy', input: 'customer', value: 'ann', from: '2026-11-20', to: '2026-11-22' };

describe('the predictions about a customer', () => {
  it('are those of every day that had the value in the input, and no others', async () => {
    const data = createMemoryArtifactStore();
    await data.put('compacted/toy/2026-11-20.jsonl.gz', file(line('a', 'ann'), line('b', 'bob')));
    await data.put('capture/toy/2026/11/21/05/1.gz', file(line('c', 'ann'), line('d', 'annika')));
    await data.put('capture/toy/2026/11/23/05/1.gz', file(line('late', 'ann')));
    await data.put('capture/other/2026/11/21/05/1.gz', file(line('other', 'ann')));

    const found = await searchEntity(data, request);

    expect(found.predictions.map(({ predictionId }) => predictionId)).toEqual(['a', 'c']);
    expect(found).toMatchObject({ objectCount: 2 });
    expect(found.nextCursor).toBeUndefined();
  });

  it('are told page by page, each once, also when one object holds more than a page', async () => {
    const data = createMemoryArtifactStore();
    const many = Array.from({ length: 1_500 }, (_, i) => line(`p-${i}`, 7));
    await data.put('compacted/toy/2026-11-20.jsonl.gz', file(...many));
    for (let i = 0; i < 120; i += 1) {
      await data.put(`capture/toy/2026/11/21/05/${1_000 + i}.gz`, file(line(`q-${i}`, 7)));
    }
    const ids: string[] = [];
    let cursor: string | undefined;
    let pageCount = 0;
    do {
      const page = await searchEntity(data, { ...request, value: '7', cursor });
      ids.push(...page.predictions.map(({ predictionId }) => predictionId));
      cursor = page.nextCursor;
      pageCount += 1;
    } while (cursor !== undefined && pageCount < 10);

    expect(ids).toHaveLength(1_620);
    expect(new Set(ids).size).toBe(1_620);
    expect(pageCount).toBe(3);
  });

  it('are refused for too many days, or a cursor of another list', async () => {
    const data = createMemoryArtifactStore();

    await expect(searchEntity(data, { ...request, to: '2027-11-22' })).rejects.toThrow(/span 1 to 366 days/);
    await expect(searchEntity(data, { ...request, from: '2026-11-23' })).rejects.toThrow(/span 1 to 366 days/);
    await expect(searchEntity(data, { ...request, cursor: 'abc' })).rejects.toThrow(/cursor is not one/);
  });
});

describe('a prediction', () => {
  const atMs = Date.UTC(2026, 10, 21, 5, 58);
  const id = timeOrderedId(atMs, new Uint8Array(10));

  it('is found by the time in its id, also in the folder of the next or the previous hour', async () => {
    for (const hour of ['05', '06']) {
      const data = createMemoryArtifactStore();
      await data.put(`capture/toy/2026/11/21/${hour}/1.gz`, file(line('other', 'bob'), line(id, 'ann', atMs)));

      expect((await findPrediction(data, { model: 'toy', predictionId: id }))?.record.predictionId).toBe(id);
    }
  });

  it('is found by its day, in the compacted file or around midnight beside it', async () => {
    const data = createMemoryArtifactStore();
    await data.put('compacted/toy/2026-11-21.jsonl.gz', file(line('mine', 'ann', 7), line('mine', 'ann', 5)));
    await data.put('capture/toy/2026/11/20/23/1.gz', file(line('early', 'ann')));
    const find = (predictionId: string) => findPrediction(data, { model: 'toy', predictionId, day: '2026-11-21' });

    expect(await find('mine')).toMatchObject({ record: { atMs: 5 }, object: 'compacted/toy/2026-11-21.jsonl.gz' });
    expect((await find('early'))?.object).toBe('capture/toy/2026/11/20/23/1.gz');
    expect(await find('none')).toBeUndefined();
  });

  it('with an id of the caller’s own is not looked for without its day', async () => {
    const find = findPrediction(createMemoryArtifactStore(), { model: 'toy', predictionId: 'mine' });

    await expect(find).rejects.toThrow(/prediction id "mine" carries no time: give the UTC day/);
  });
});
