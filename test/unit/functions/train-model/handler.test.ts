import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/train-model/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createStepCache } from '../../../../shared/adapters/s3/step-cache.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const RUN = { model: 'toy', runId: 'run-1', phase: 'candidate', rounds: null, fresh: false };

const open = async (definition: ReturnType<typeof benchDefinition>, rowCount: number, seconds: number) => {
  const artifacts = createMemoryArtifactStore();
  await artifacts.put('runs/toy/run-1/features/train.parquet', new Uint8Array());
  const x = Float64Array.from({ length: rowCount }, (_, i) => (i * 7) % 10);
  const kind = Array.from({ length: rowCount }, (_, i) => (i % 2 === 0 ? 'a' : 'b'));
  const table = {
    rowCount,
    eventAtMs: new Float64Array(rowCount),
    labels: x.map((value) => (value > 5 ? 1 : 0)),
    columns: new Map<string, Float64Array | readonly string[]>([
      ['x', x],
      ['kind', kind],
    ]),
  };
  const limits = { memoryMb: 4_096, seconds };
  const definitions = new Map([['toy', definition]]);
  const readTable = vi.fn(async () => table);
  const code = { cache: createStepCache(artifacts), codeDigest: 'c' };
  return { artifacts, readTable, handler: createHandler({ definitions, artifacts, readTable, limits, ...code }) };
};

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

describe('train-model', () => {
  it('grows exactly the rounds that were best for the candidate', async () => {
    const { artifacts, handler } = await open(benchDefinition(), 500, 840);
    await artifacts.put('runs/toy/run-1/features/all.parquet', new Uint8Array());

    const { prefix } = await handler({ ...RUN, phase: 'refit', rounds: 4 });

    const metrics = JSON.parse(new TextDecoder().decode(await artifacts.get(`${prefix}metrics.json`)));
    expect(prefix).toBe('runs/toy/run-1/refit/model/');
    expect(metrics).toMatchObject({ rounds: 4, rowCount: 500, featureCount: 2 });
    expect(metrics).not.toHaveProperty('validationLoss');
  });

  it('trains equal rows by equal settings once, and again when a file was lost or the work itself is asked for', async () => {
    const { artifacts, readTable, handler } = await open(benchDefinition(), 500, 840);
    await artifacts.put('runs/toy/run-2/features/train.parquet', new Uint8Array());
    const model = async (run: string) => artifacts.get(`runs/toy/${run}/candidate/model/model.onnx`);

    expect((await handler(RUN)).cached).toBe(false);
    expect((await handler({ ...RUN, runId: 'run-2' })).cached).toBe(true);
    expect(await model('run-2')).toEqual(await model('run-1'));
    expect((await handler({ ...RUN, rounds: 3 })).cached).toBe(false);
    expect((await handler({ ...RUN, fresh: true })).cached).toBe(false);
    await artifacts.put('runs/toy/run-1/candidate/model/signature.json', new TextEncoder().encode('{}'));
    expect((await handler({ ...RUN, runId: 'run-2' })).cached).toBe(false);
    expect(readTable).toHaveBeenCalledTimes(4);
  });

  it('refuses by estimate what will not fit, before it trains', async () => {
    const { artifacts, handler } = await open(benchDefinition(), 500, 30);

    await expect(handler(RUN)).rejects.toMatchObject({
      name: 'InvalidRequestError',
      message: expect.stringContaining('the function has 30 s'),
    });
    expect(await artifacts.list('runs/toy/run-1/candidate/')).toEqual([]);
  });

  it('refuses a model that trains elsewhere', async () => {
    const image = `repo/image@sha256:${'0'.repeat(64)}`;
    const { handler } = await open(benchDefinition({ trainer: { kind: 'batch', image } }), 500, 840);

    await expect(handler(RUN)).rejects.toMatchObject({ name: 'InvalidStateError' });
  });
});
