import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { BENCH_START_MS, benchDefinition, openTrainingBench, runPipeline } from '../helpers/training-bench.ts';

const AS_OF_MS = BENCH_START_MS + 12 * DAY_MS;

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

const open = async () => {
  const bench = openTrainingBench();
  await bench.loadDays(0, 12);
  return { bench, made: await runPipeline(bench, 'run-1', AS_OF_MS) };
};

/** As state-machines/reproduction.asl.json does, one function after the other. */
const reproduce = async ({ bench }: Awaited<ReturnType<typeof open>>, runId: string) => {
  const run = { model: 'toy', runId, version: 1 };
  const { asOfMs, snapshotId, rounds, differences } = await bench.prepareReproduction(run);
  const fresh = { model: 'toy', runId, fresh: true };
  const { cached } = await bench.buildFeatures({ ...fresh, asOfMs, snapshotId });
  const { prefix } = await bench.trainModel({ ...fresh, phase: 'refit', rounds });
  await bench.collectModel({ model: 'toy', runId, phase: 'refit', prefix });
  return { cached, ...(await bench.compareReproduction({ ...run, differences })) };
};

describe('a version made again', () => {
  it('is identical, twice, also when newer data has arrived since', async () => {
    const opened = await open();
    await opened.bench.loadDays(12, 14);

    const first = await reproduce(opened, 'again-1');
    const second = await reproduce(opened, 'again-2');

    expect(first).toMatchObject({ cached: false, outcome: 'equal', differences: [] });
    expect(first.files['model.onnx']).toMatchObject({ expected: opened.made.placed.modelDigest, equal: true });
    expect(second).toEqual(first);
  });

  it('is told apart when the trainer makes other bytes of the same inputs', async () => {
    const opened = await open();
    const { bench } = opened;
    const run = { model: 'toy', runId: 'again', version: 1 };
    const { asOfMs, snapshotId, differences } = await bench.prepareReproduction(run);
    await bench.buildFeatures({ model: 'toy', runId: 'again', fresh: true, asOfMs, snapshotId });
    await bench.trainModel({ model: 'toy', runId: 'again', fresh: true, phase: 'refit', rounds: 1 });

    const { outcome, files } = await bench.compareReproduction({ ...run, differences });

    expect(outcome).toBe('different');
    expect(files['signature.json']?.equal).toBe(true);
    expect(files['model.onnx']?.equal).toBe(false);
  });

  it('is refused when its data changed, by key', async () => {
    const opened = await open();
    const [object] = await opened.bench.data.list('datasets/');
    await opened.bench.data.put(object?.key ?? '', new TextEncoder().encode('changed'));

    await expect(reproduce(opened, 'again')).rejects.toMatchObject({
      name: 'ConflictError',
      message: expect.stringContaining(object?.key ?? 'no key'),
    });
  });

  it('is refused for a file that somebody brought', async () => {
    const { bench } = await open();
    const cause = { kind: 'upload', principal: 'ann', uploadId: 'u' };
    await bench.registry.startRun({ model: 'toy', runId: 'run-1', executionArn: 'arn', cause, startedAtMs: AS_OF_MS });

    await expect(bench.prepareReproduction({ model: 'toy', runId: 'again', version: 1 })).rejects.toMatchObject({
      name: 'InvalidStateError',
      message: expect.stringContaining('brought as a file'),
    });
  });

  it('is refused when the definition has changed in what training depends on, by field', async () => {
    const { bench } = await open();
    const other = openTrainingBench(
      benchDefinition({ trainer: { kind: 'built-in', rounds: 61, maxLeaves: 7 } }),
      bench,
    );

    await expect(other.prepareReproduction({ model: 'toy', runId: 'again', version: 1 })).rejects.toMatchObject({
      name: 'InvalidStateError',
      message: expect.stringContaining('in trainer:'),
    });
  });
});
