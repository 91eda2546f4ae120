import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createHandler } from '../../../../functions/evaluate-model/handler.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import { createMemoryRegistry } from '../../../../shared/adapters/memory/model-registry.ts';
import type { Signature } from '../../../../shared/contracts/artifacts.ts';
import { DAY_MS } from '../../../../shared/kernel/time.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const ROWS = 300;
const labels = Float64Array.from({ length: ROWS }, (_, i) => i % 2);
const TABLE = {
  rowCount: ROWS,
  eventAtMs: Float64Array.from({ length: ROWS }, (_, i) => Math.floor(i / 100) * DAY_MS),
  labels,
  columns: new Map<string, Float64Array | readonly string[]>([
    ['x', labels],
    ['kind', Array<string>(ROWS).fill('a')],
  ]),
};
const signature = (...names: string[]): Signature => ({
  task: 'binary-classification',
  inputs: names.map((name) => ({ name, datatype: 'FP32', shape: [-1, 1], nullable: false })),
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
});

/** Scores by model: how sure it is of the right answer. */
const open = async (certainty: { candidate: number; champion?: number }, championInputs = ['x']) => {
  const artifacts = createMemoryArtifactStore();
  const report = {
    schemaVersion: 1,
    passed: true,
    findings: [],
    rowCounts: { train: 1, holdout: ROWS, all: 1 },
    trainingLabelMean: 0.5,
    holdoutFromMs: 1_000,
    holdoutToMs: 2_000,
    trainedThroughMs: 3_000,
  };
  await artifacts.put('runs/toy/run-1/features/report.json', new TextEncoder().encode(JSON.stringify(report)));
  await artifacts.put('runs/toy/run-1/features/holdout.parquet', new Uint8Array());
  const { registry, lineage } = createMemoryRegistry();
  if (certainty.champion !== undefined) {
    await registry.registerVersion(
      {
        model: 'toy',
        runId: 'run-0',
        owner: 'ann',
        principal: 'workflow:train',
        modelDigest: 'd',
        artifactPrefix: 'champion/',
        manifestDigest: 'm',
        metrics: {},
        trainedThroughMs: 1_500,
        datasetSnapshot: 's',
        registeredAtMs: 1,
      },
      1_000,
    );
    await registry.decideVersion({ model: 'toy', version: 1, status: 'APPROVED', decidedBy: 'ann', decidedAtMs: 1 });
    await registry.setAlias({ model: 'toy', alias: 'champion', version: 1, principal: 'ann', atMs: 1 });
  }
  const handler = createHandler({
    definitions: new Map([['toy', benchDefinition({ evaluation: { margin: 0.01 } })]]),
    artifacts,
    registry,
    lineage,
    clock: { nowMs: () => 9 },
    readTable: async () => TABLE,
    loadModel: async (prefix) => ({
      bytes: new TextEncoder().encode(prefix === 'champion/' ? 'champion' : 'candidate'),
      signature: prefix === 'champion/' ? signature(...championInputs) : signature('x'),
    }),
    readCovers: async () => undefined,
    load: async () => {
      throw new Error('no graph');
    },
    score: async ({ bytes }) => {
      const sure = certainty[new TextDecoder().decode(bytes) as 'candidate' | 'champion'] ?? 0.5;
      return Float32Array.from(labels, (label) => (label === 1 ? sure : 1 - sure));
    },
  });
  return { artifacts, lineage, evaluate: () => handler({ model: 'toy', runId: 'run-1' }) };
};

beforeEach(() => {
  vi.spyOn(console, 'log').mockImplementation(() => {});
});

describe('evaluate-model', () => {
  it('passes the first candidate that beats the base rate', async () => {
    const { evaluate } = await open({ candidate: 0.8 });

    expect(await evaluate()).toMatchObject({ passed: true, metrics: { holdoutRowCount: ROWS, holdoutAuc: 1 } });
  });

  it('returns a refusal, with the numbers, as a value', async () => {
    const { evaluate } = await open({ candidate: 0.6, champion: 0.9 });

    const { passed, outcome } = await evaluate();

    expect(passed).toBe(false);
    expect(outcome).toMatch(/refused: .*mean daily loss may exceed the champion's by at most 0.01, got 0.4/);
  });

  it('records the evaluation below the run and below the champion that the candidate was compared with', async () => {
    const { lineage, evaluate } = await open({ candidate: 0.6, champion: 0.9 });

    await evaluate();

    const { items } = await lineage.upstream({ kind: 'evaluation', id: 'toy/run-1' });
    expect(items.map(({ upstream }) => upstream.id)).toEqual(['toy@1', 'toy/run-1']);
  });

  it('says when the champion has seen the holdout', async () => {
    const { evaluate } = await open({ candidate: 0.8, champion: 0.8 });

    expect((await evaluate()).outcome).toContain('champion toy@1 has seen part of the holdout');
  });

  it('says that it compared with nothing when the champion reads a feature that is gone', async () => {
    const { artifacts, evaluate } = await open({ candidate: 0.8, champion: 0.9 }, ['x', 'dropped']);

    const { passed, outcome } = await evaluate();

    expect(passed).toBe(true);
    expect(outcome).toContain('champion toy@1 reads features that the definition no longer has');
    const stored = JSON.parse(new TextDecoder().decode(await artifacts.get('runs/toy/run-1/evaluation.json')));
    expect(stored).not.toHaveProperty('championVersion');
  });
});
