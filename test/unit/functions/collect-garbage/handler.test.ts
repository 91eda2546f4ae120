import { beforeEach, describe, expect, it } from 'vitest';
import { createHandler } from '../../../../functions/collect-garbage/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import { moveLifecycle } from '../../../../shared/core/governance/index.ts';
import { DAY_MS } from '../../../../shared/kernel/time.ts';
import type { GarbageMarks } from '../../../../shared/ports/garbage-marks.ts';

const bytes = new Uint8Array(3);
let nowMs: number;
let deleted: string[];
let present: Set<string>;

const memoryMarks = (): GarbageMarks => {
  const marks = new Map<string, number>();
  return {
    list: async () => [...marks].map(([prefix, markedAtMs]) => ({ prefix, markedAtMs })),
    mark: async ({ prefix, markedAtMs }) => void marks.set(prefix, marks.get(prefix) ?? markedAtMs),
    unmark: async (prefix) => void marks.delete(prefix),
  };
};

const open = async () => {
  const { registry, catalog } = createMemoryRegistry();
  const stored = createMemoryArtifactStore();
  const put = async (key: string) => {
    present.add(key);
    await stored.put(key, bytes);
  };
  const artifacts = {
    list: async (prefix: string) => (await stored.list(prefix)).filter(({ key }) => present.has(key)),
  };
  const deleteObject = async (key: string) => {
    deleted.push(key);
    present.delete(key);
  };
  const handler = createHandler({
    artifacts,
    registry,
    catalog,
    marks: memoryMarks(),
    deleteObject,
    retention: { packageDays: 30, runDays: 90 },
    clock: { nowMs: () => nowMs },
  });
  const register = (digest: string, runId: string) =>
    registry.registerVersion(
      {
        model: 'toy',
        runId,
        owner: 'ann',
        principal: 'workflow:train-toy',
        modelDigest: digest,
        artifactPrefix: `models/toy/${digest}/`,
        manifestDigest: 'm',
        metrics: {},
        trainedThroughMs: 1,
        datasetSnapshot: 's',
        registeredAtMs: 1,
      },
      1_000,
    );
  const archive = async (version: number) => {
    for (const move of ['retire', 'archive'] as const) {
      const by = { principal: 'ann', atMs: nowMs, reason: 'old' };
      await registry.moveVersion({ model: 'toy', version, move, ...by }, (one) => moveLifecycle(one, move));
    }
  };
  const pass = (mode: 'dry-run' | 'apply' = 'apply') => handler({ mode });
  return { registry, put, register, archive, pass };
};

beforeEach(() => {
  nowMs = 200 * DAY_MS;
  deleted = [];
  present = new Set();
});

describe('collect-garbage', () => {
  it('removes in two passes, a day apart, what only archived versions refer to', async () => {
    const { registry, put, register, archive, pass } = await open();
    for (const key of ['models/toy/d1/model.onnx', 'models/toy/d1/manifest.json', 'models/toy/d2/model.onnx']) {
      await put(key);
    }
    await register('d1', 'run-1');
    await register('d2', 'run-2');
    await archive(1);
    nowMs += 30 * DAY_MS;

    const first = await pass();
    nowMs += DAY_MS - 1;
    const tooSoon = await pass();
    nowMs += 1;
    const second = await pass();
    const third = await pass();

    expect(first).toMatchObject({ folderCount: 2, marked: { count: 1, sizeBytes: 6 }, collected: { count: 0 } });
    expect(tooSoon).toMatchObject({ marked: { count: 0 }, collected: { count: 0 } });
    expect(second.collected.prefixes).toEqual(['models/toy/d1/']);
    expect(deleted.toSorted()).toEqual(['models/toy/d1/manifest.json', 'models/toy/d1/model.onnx']);
    expect(third).toMatchObject({ folderCount: 1, marked: { count: 0 }, collected: { count: 0 } });
    expect((await registry.getVersion('toy', 1)).collectedAtMs).toBe(nowMs);
    expect((await registry.getVersion('toy', 2)).collectedAtMs).toBeUndefined();
  });

  it('says on a dry run what it would do, and does nothing of it', async () => {
    const { put, pass } = await open();
    await put('models/toy/lost/model.onnx');

    const dry = await pass('dry-run');
    await pass('apply');
    nowMs += DAY_MS;
    const after = await pass('dry-run');

    expect(dry.marked.prefixes).toEqual(['models/toy/lost/']);
    expect(after.collected.prefixes).toEqual(['models/toy/lost/']);
    expect(deleted).toEqual([]);
    expect((await pass('apply')).collected.count).toBe(1);
  });

  it('spares a package that a version came to refer to after it was marked, and forgets the mark', async () => {
    const { put, register, pass } = await open();
    await put('models/toy/d1/model.onnx');
    await pass();
    await register('d1', 'run-1');
    nowMs += DAY_MS;

    expect(await pass()).toMatchObject({ unmarked: { count: 1 }, collected: { count: 0 } });
    expect(deleted).toEqual([]);
  });

  it('waits for the end of every run of the model, and of the run whose files they are', async () => {
    const { registry, put, pass } = await open();
    await put('models/toy/d1/model.onnx');
    await put('runs/toy/run-9/snapshot.json');
    await put('runs/toy/run-8/snapshot.json');
    const run = { model: 'toy', runId: 'run-9', executionArn: 'a', cause: {}, startedAtMs: 1 };
    await registry.startRun(run);

    expect((await pass()).marked.prefixes).toEqual(['runs/toy/run-8/']);

    await registry.endRun({ model: 'toy', runId: 'run-9', status: 'FAILED', outcome: 'x', endedAtMs: 2 });
    expect((await pass()).marked.prefixes).toEqual(['models/toy/d1/', 'runs/toy/run-9/']);
  });

  it('goes on where a death left it', async () => {
    const { registry, put, register, archive, pass } = await open();
    await put('models/toy/d1/model.onnx');
    await register('d1', 'run-1');
    await archive(1);
    nowMs += 30 * DAY_MS;
    await pass();
    nowMs += DAY_MS;
    // The version is noted, and no file has gone yet.
    await registry.collectVersion({ model: 'toy', version: 1, principal: 'p', atMs: 7 });

    await pass();

    expect(deleted).toEqual(['models/toy/d1/model.onnx']);
    expect((await registry.getVersion('toy', 1)).collectedAtMs).toBe(7);
  });

  it('leaves to the next pass what is too much for one', async () => {
    const { put, pass } = await open();
    for (let i = 0; i < 3_000; i += 1) await put(`runs/toy/run-1/${i}`);
    for (let i = 0; i < 3_000; i += 1) await put(`runs/toy/run-2/${i}`);
    await pass();
    nowMs += DAY_MS;

    expect(await pass()).toMatchObject({ collected: { count: 1 }, leftCount: 1 });
    expect(await pass()).toMatchObject({ collected: { count: 1 }, leftCount: 0 });
  });

  it('refuses to guess what it is asked', async () => {
    const { pass } = await open();

    await expect(pass('Apply' as never)).rejects.toMatchObject({ name: 'InvalidRequestError' });
  });
});
