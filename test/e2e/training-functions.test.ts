import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createExplainServed } from '../../functions/infer/explain-predictions.ts';
import { createAnyRuntime } from '../../shared/adapters/interpreter/any-runtime.ts';
import { loadStoredModel } from '../../shared/adapters/s3/stored-model.ts';
import { tensorsOf } from '../../shared/core/explanation/index.ts';
import { interpretModel } from '../../shared/core/interpreter/index.ts';
import { requirePackaged } from '../../shared/core/registry/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { BENCH_START_MS, openTrainingBench, prepareRun, runPipeline, trainPhase } from '../helpers/training-bench.ts';

const AS_OF_MS = BENCH_START_MS + 14 * DAY_MS;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const text = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

/** Why the version predicts what it does, as the function that serves it says. */
const explain = async (
  bench: ReturnType<typeof openTrainingBench>,
  pins: Parameters<typeof createExplainServed>[1],
) => {
  const { bytes, signature } = await loadStoredModel(bench.artifacts, pins.artifactPrefix);
  const openOther = () => Promise.reject(new Error('the interpreter takes it'));
  const runtime = await createAnyRuntime({ interpret: interpretModel, openOther }).load(bytes);
  const explainer = await createExplainServed(bench.artifacts, pins)({ version: 1, signature, runtime });
  const inputs = tensorsOf(
    signature.inputs.map(({ name, datatype }) => ({ name, datatype })),
    { x: Float32Array.of(0.9), kind: ['a'] },
    1,
  );
  const outputs = await runtime.predict({ x: Float32Array.of(0.9), kind: ['a'] }, 1);
  const [explanation] = await explainer.explain(inputs, outputs);
  const { margin = 0, baseline = 0, contributions = {} } = explanation ?? {};
  const sum = Object.values(contributions).reduce((total, value) => total + value, baseline);
  expect(Math.abs(sum - margin)).toBeLessThan(1e-6);
  const served = outputs[0] as number;
  expect(Math.abs(margin - Math.log(served / (1 - served)))).toBeLessThan(1e-5);
  return explanation;
};

describe('the training functions, one after the other', () => {
  it('bring data to a registered version whose files match their digests', async () => {
    const bench = openTrainingBench();
    await bench.loadDays(0, 14);

    const { evaluation, placed, rounds, version } = await runPipeline(bench, 'run-1', AS_OF_MS);

    expect(evaluation.passed).toBe(true);
    expect(evaluation.outcome).toContain('there is no champion to compare with');
    expect(evaluation.metrics.holdoutAuc).toBeGreaterThan(0.8);
    expect(rounds).toBeGreaterThan(0);
    expect(version).toBe(1);
    const registered = requirePackaged(await bench.registry.getVersion('toy', 1), 'tested');
    expect(registered).toMatchObject({ runId: 'run-1', status: 'PENDING_APPROVAL', modelDigest: placed.modelDigest });
    const manifestBytes = await bench.artifacts.get(`${registered.artifactPrefix}manifest.json`);
    expect(sha256(manifestBytes)).toBe(registered.manifestDigest);
    const { files } = text(manifestBytes);
    expect(Object.keys(files).sort()).toEqual([
      'MLmodel',
      'bill-of-materials.json',
      'drift-calibration.json',
      'drift-reference.bin',
      'evaluation.json',
      'explanation.json',
      'metrics.json',
      'model.onnx',
      'performance-reference.json',
      'reference-profile.json',
      'report.html',
      'report.json',
      'signature.json',
    ]);
    for (const [file, { sha256: digest }] of Object.entries<{ sha256: string }>(files)) {
      expect(sha256(await bench.artifacts.get(`${registered.artifactPrefix}${file}`))).toBe(digest);
    }
    const basis = text(await bench.artifacts.get(`${registered.artifactPrefix}explanation.json`));
    expect(basis.background.rowCount).toBe(100);
    expect(Object.keys(basis.background.columns)).toEqual(['x', 'kind']);
    const report = text(await bench.artifacts.get(`${registered.artifactPrefix}report.json`));
    expect(report.explanation).toMatchObject({ method: 'tree-path-dependent', rowCount: 100 });
    expect(report.explanation.importance.map(({ feature }: { feature: string }) => feature)).toEqual(['x', 'kind']);
    expect(await explain(bench, registered)).toMatchObject({ method: 'tree-path-dependent' });
    expect(bench.events.published).toEqual([
      { type: 'Model Version Registered', detail: { model: 'toy', version: 1, runId: 'run-1' } },
    ]);
  });

  it('change nothing when every one of them runs twice', async () => {
    const bench = openTrainingBench();
    await bench.loadDays(0, 12);
    const first = await runPipeline(bench, 'run-1', AS_OF_MS - 2 * DAY_MS);
    await bench.loadDays(12, 14); // data that comes between the two must not be seen by the second

    const second = await runPipeline(bench, 'run-1', AS_OF_MS - 2 * DAY_MS);

    expect(second.placed).toEqual(first.placed);
    expect(second.version).toBe(1);
    expect((await bench.registry.getModel('toy')).latestVersion).toBe(1);
  });

  it('compare a later candidate with the champion, day by day', async () => {
    const bench = openTrainingBench();
    await bench.loadDays(0, 10);
    await runPipeline(bench, 'run-1', BENCH_START_MS + 10 * DAY_MS);
    await bench.registry.decideVersion({
      model: 'toy',
      version: 1,
      status: 'APPROVED',
      decidedBy: 'ann',
      decidedAtMs: 1,
    });
    await bench.registry.setAlias({ model: 'toy', alias: 'champion', version: 1, principal: 'ann', atMs: 1 });
    await bench.loadDays(10, 16);

    const { evaluation, version } = await runPipeline(bench, 'run-2', BENCH_START_MS + 16 * DAY_MS);

    expect(version).toBe(2);
    expect(evaluation.metrics.championLoss).toBeGreaterThan(0);
    expect(evaluation.outcome).toContain('of 3 days');
    const report = text(await bench.artifacts.get('runs/toy/run-2/evaluation.json'));
    expect(report).toMatchObject({ championVersion: 1, comparison: { dayCount: 3 } });
  });

  it('keep the files of a version when another run comes to the same model', async () => {
    const bench = openTrainingBench();
    await bench.loadDays(0, 14);
    const first = await runPipeline(bench, 'run-1', AS_OF_MS);

    const second = await runPipeline(bench, 'run-2', AS_OF_MS);

    expect(second.placed).toEqual(first.placed);
    expect(second.version).toBe(2);
  });

  it('train the candidate without the holdout and the final model with it', async () => {
    const bench = openTrainingBench();
    await bench.loadDays(0, 14);

    await prepareRun(bench, 'run-1', AS_OF_MS);
    const { rounds } = await trainPhase(bench, 'run-1', 'candidate', null);
    const refit = await trainPhase(bench, 'run-1', 'refit', rounds);

    const report = text(await bench.artifacts.get('runs/toy/run-1/features/report.json'));
    expect(report.rowCounts.all).toBe(report.rowCounts.train + report.rowCounts.holdout);
    expect(report.holdoutToMs - report.holdoutFromMs).toBe(3 * DAY_MS);
    expect(refit.rounds).toBe(rounds);
    const { signature } = await loadStoredModel(bench.artifacts, 'runs/toy/run-1/refit/model/');
    expect(signature.inputs.map(({ name, datatype }) => [name, datatype])).toEqual([
      ['x', 'FP32'],
      ['kind', 'BYTES'],
    ]);
  });
});
