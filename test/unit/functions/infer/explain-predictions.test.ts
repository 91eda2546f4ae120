import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createExplainServed } from '../../../../functions/infer/explain-predictions.ts';
import { placeModel } from '../../../../functions/profile-model/place-model.ts';
import { createAnyRuntime } from '../../../../shared/adapters/interpreter/any-runtime.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';
import type { Signature } from '../../../../shared/contracts/artifacts.ts';
import { EXPLANATION_FILE } from '../../../../shared/contracts/explanation.ts';
import { toJsonFile } from '../../../../shared/contracts/json-file.ts';
import { createInferenceApi, type InferenceRequest } from '../../../../shared/core/inference/index.ts';
import { interpretModel } from '../../../../shared/core/interpreter/index.ts';
import {
  FEATURE_NAMES,
  marginByHand,
  onnxOf,
  SHAP_CASES,
  type ShapCase,
} from '../../../reference/explanation/shap-cases.ts';

const CASE = SHAP_CASES[1] as ShapCase;
const ONNX = onnxOf(CASE, 'binary-classification');
const COVERS = CASE.trees.flatMap((nodes) => nodes.map(({ cover }) => cover));
const BACKGROUND = {
  rowCount: CASE.background.length,
  columns: Object.fromEntries(FEATURE_NAMES.map((name, at) => [name, CASE.background.map((row) => row[at] ?? null)])),
};
const SIGNATURE: Signature = {
  task: 'binary-classification',
  inputs: FEATURE_NAMES.map((name) => ({ name, datatype: 'FP32', shape: [-1, 1], nullable: true })),
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
};

/** A version with these files beside its model, asked through the protocol. */
const serve = async (basis: object | undefined) => {
  const artifacts = createMemoryArtifactStore();
  const files = new Map([['model.onnx', ONNX]]);
  if (basis !== undefined) files.set(EXPLANATION_FILE, toJsonFile(basis));
  const placed = await placeModel(artifacts, { model: 'toy', runId: 'run-1', files });
  const get = vi.spyOn(artifacts, 'get');
  const openOther = () => Promise.reject(new Error('the interpreter takes it'));
  const runtime = await createAnyRuntime({ interpret: interpretModel, openOther }).load(ONNX);
  const explain = createExplainServed(artifacts, { version: 3, ...placed });
  const model = {
    name: 'toy',
    version: '3',
    inputs: runtime.inputs,
    outputs: SIGNATURE.outputs,
    signature: SIGNATURE,
    run: runtime.run,
  };
  let captured = 0;
  const api = createInferenceApi(
    {
      find: () => model,
      explainer: () => explain({ version: 3, signature: SIGNATURE, runtime }),
      capture: () => {
        captured += 1;
      },
      predictionId: (id, row) => `${id}.${row}`,
      elapsedMs: () => 0,
    },
    { maxBodyBytes: 1e6 },
  );
  const ask = async (rows: readonly (readonly (number | null)[])[], query: InferenceRequest['query']) => {
    const instances = rows.map((row) => ({
      features: Object.fromEntries(FEATURE_NAMES.map((name, at) => [name, row[at] ?? null])),
    }));
    const { status, body } = await api({
      method: 'POST',
      path: '/models/toy/predict',
      query,
      header: (name) => (name === 'content-type' ? 'application/json' : undefined),
      body: JSON.stringify(instances.length === 1 ? instances[0] : { instances }),
      requestId: 'r',
    });
    return { status, answer: JSON.parse(String(body)) };
  };
  return { ask, get, placed, artifacts, captured: () => captured };
};

beforeEach(() => {
  vi.restoreAllMocks();
});

describe('a prediction that is asked why', () => {
  it('is answered as without, with what each feature contributes by the training rows of its trees', async () => {
    const { ask } = await serve({ schemaVersion: 1, covers: COVERS, background: BACKGROUND });
    const [row = []] = CASE.rows;

    const plain = await ask([row], {});
    const { status, answer } = await ask([row], { explain: 'true' });

    expect(status).toBe(200);
    const { explanation, ...rest } = answer;
    expect(rest).toEqual(plain.answer);
    expect(explanation.method).toBe('tree-path-dependent');
    expect(explanation.margin).toBeCloseTo(marginByHand(CASE, row), 6);
    FEATURE_NAMES.forEach((name, at) => {
      expect(explanation.contributions[name]).toBeCloseTo(CASE.pathDependent.values[0]?.[at] as number, 6);
    });
  });

  it('is explained by the background rows where nobody counted training rows, each row of a list', async () => {
    const { ask } = await serve({ schemaVersion: 1, background: BACKGROUND });

    const { answer } = await ask(CASE.rows.slice(0, 3), { explain: 'true' });

    expect(answer.predictions).toHaveLength(3);
    for (const [row, { explanation }] of answer.predictions.entries()) {
      expect(explanation.method).toBe('tree-interventional');
      FEATURE_NAMES.forEach((name, at) => {
        expect(explanation.contributions[name]).toBeCloseTo(CASE.interventional.values[row]?.[at] as number, 6);
      });
    }
  });

  it('has the sidecar read by the first that asks, and by nobody before', async () => {
    const { ask, get } = await serve({ schemaVersion: 1, covers: COVERS, background: BACKGROUND });
    const [row = []] = CASE.rows;

    await ask([row], {});
    expect(get).not.toHaveBeenCalled();
    await ask([row], { explain: 'true' });
    await ask([row], { explain: 'true' });
    expect(get.mock.calls.map(([key]) => key.split('/').at(-1)).sort()).toEqual([
      'explanation.json',
      'manifest.json',
      'model.onnx',
    ]);
  });

  it('is refused, and not captured, for a version that keeps nothing to explain it by, and for another word', async () => {
    const { ask, captured } = await serve(undefined);
    const [row = []] = CASE.rows;

    expect(await ask([row], { explain: 'true' })).toMatchObject({
      status: 400,
      answer: { detail: expect.stringContaining('version 3 keeps nothing that its predictions are explained by') },
    });
    expect(await ask([row], { explain: 'yes' })).toMatchObject({
      status: 400,
      answer: { detail: 'explain must be true or false, got "yes"' },
    });
    expect(captured()).toBe(0);
  });

  it('is refused from a sidecar that is not the one that was registered', async () => {
    const { ask, artifacts, placed } = await serve({ schemaVersion: 1, covers: COVERS, background: BACKGROUND });
    await artifacts.put(
      `${placed.artifactPrefix}${EXPLANATION_FILE}`,
      toJsonFile({ schemaVersion: 1, background: BACKGROUND }),
    );

    await expect(ask([CASE.rows[0] ?? []], { explain: 'true' })).rejects.toMatchObject({ name: 'DigestMismatchError' });
  });
});
