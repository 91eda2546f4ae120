import { describe, expect, it } from 'vitest';
import { writeMlmodel } from '../../../../../shared/core/packaging/index.ts';

const CONTENT = {
  modelDigest: 'ab'.repeat(32),
  sizeBytes: 4_072,
  trackingRunId: 'c'.repeat(32),
  createdAtMs: Date.UTC(2001, 1, 18, 6, 5, 4, 3),
  onnxRelease: '1.12.0',
  inputs: [
    { name: 'x', datatype: 'FP32', shape: [-1, 1] },
    { name: 'kind', datatype: 'BYTES', shape: [-1, 1] },
  ],
  outputs: [{ name: 'probability', datatype: 'FP32', shape: [-1, 1] }],
  modelFile: 'model.onnx',
} as const;

describe('the MLmodel file', () => {
  it('names how to load the model, its signature, its run and its time', () => {
    expect(writeMlmodel(CONTENT)).toBe(`flavors:
  onnx:
    code: null
    data: 'model.onnx'
    onnx_version: '1.12.0'
    providers:
    - CPUExecutionProvider
  python_function:
    data: 'model.onnx'
    loader_module: mlflow.onnx
model_size_bytes: 4072
model_uuid: 'abababababababababababababababab'
run_id: 'cccccccccccccccccccccccccccccccc'
signature:
  inputs: '[{"name":"x","type":"tensor","tensor-spec":{"dtype":"float32","shape":[-1,1]}},{"name":"kind","type":"tensor","tensor-spec":{"dtype":"object","shape":[-1,1]}}]'
  outputs: '[{"name":"probability","type":"tensor","tensor-spec":{"dtype":"float32","shape":[-1,1]}}]'
  params: null
utc_time_created: '2001-02-18 06:05:04.003000'
`);
  });

  it('names no run for a model that was brought, and keeps a quote in a name', () => {
    const { trackingRunId: _, ...brought } = CONTENT;

    const text = writeMlmodel({ ...brought, outputs: [{ name: "it's", datatype: 'FP32', shape: [-1, 1] }] });

    expect(text).not.toContain('run_id');
    expect(text).toContain(`"name":"it''s"`);
  });
});
