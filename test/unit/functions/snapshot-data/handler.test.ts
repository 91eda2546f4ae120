import { describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/snapshot-data/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const AS_OF_MS = Date.UTC(2001, 0, 3, 12);
const bytes = (text: string) => new TextEncoder().encode(text);

const open = async (keys: readonly string[]) => {
  const data = createMemoryArtifactStore();
  const artifacts = createMemoryArtifactStore();
  for (const key of keys) await data.put(`datasets/toys/${key}`, bytes(key));
  const { lineage } = createMemoryRegistry();
  const definitions = new Map([['toy', benchDefinition()]]);
  const handler = createHandler({ definitions, data, artifacts, lineage, clock: { nowMs: () => AS_OF_MS } });
  const snapshot = (runId: string, asOfMs = AS_OF_MS) => handler({ model: 'toy', runId, asOfMs });
  return { data, artifacts, lineage, snapshot };
};

describe('snapshot-data', () => {
  it('takes the data that was known by the day of the run, and nothing else', async () => {
    const { artifacts, snapshot } = await open([
      'known=2001-01-02/part-0.parquet',
      'known=2001-01-03/part-0.parquet',
      'known=2001-01-03/_SUCCESS',
      'known=2001-01-04/part-0.parquet',
      'stray.parquet',
    ]);

    const { objectCount } = await snapshot('run-1');

    const { objects } = JSON.parse(new TextDecoder().decode(await artifacts.get('runs/toy/run-1/snapshot.json')));
    expect(objectCount).toBe(2);
    expect(objects.map(({ key }: { key: string }) => key)).toEqual([
      'datasets/toys/known=2001-01-02/part-0.parquet',
      'datasets/toys/known=2001-01-03/part-0.parquet',
    ]);
  });

  it('names equal data equally in every run, and changed data differently', async () => {
    const { data, snapshot } = await open(['known=2001-01-02/part-0.parquet']);

    const first = await snapshot('run-1');
    const second = await snapshot('run-2', AS_OF_MS + 1);
    await data.put('datasets/toys/known=2001-01-02/part-0.parquet', bytes('other'));
    const third = await snapshot('run-3');

    expect(second.snapshotId).toBe(first.snapshotId);
    expect(third.snapshotId).not.toBe(first.snapshotId);
  });

  it('returns the run’s first snapshot when it runs again after new data came', async () => {
    const { data, snapshot } = await open(['known=2001-01-02/part-0.parquet']);

    const first = await snapshot('run-1');
    await data.put('datasets/toys/known=2001-01-03/part-0.parquet', bytes('new'));

    expect(await snapshot('run-1')).toEqual(first);
  });

  it('makes the run known to lineage: its data, and the features that its definition computes from them', async () => {
    const { lineage, snapshot } = await open(['known=2001-01-02/part-0.parquet']);

    const { snapshotId } = await snapshot('run-1');
    await snapshot('run-1', AS_OF_MS + 1);

    const { items } = await lineage.upstream({ kind: 'run', id: 'toy/run-1' });
    const fromData = await lineage.downstream({ kind: 'dataset', id: 'toys' });
    expect(items.map(({ upstream: { kind, id } }) => [kind, id])).toEqual([
      ['dataset-snapshot', snapshotId],
      ['feature-view', expect.stringMatching(/^toy\/[0-9a-f]{64}$/)],
    ]);
    expect(fromData.items.map(({ downstream }) => downstream)).toEqual(items.map(({ upstream }) => upstream));
  });

  it('refuses a dataset without data', async () => {
    const { snapshot } = await open(['known=2001-01-04/part-0.parquet']);

    await expect(snapshot('run-1')).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });
});
