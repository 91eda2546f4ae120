import { describe, expect, it } from 'vitest';
import { readMlmodel, writeMlmodel } from '../../../../../shared/core/packaging/index.ts';
import { mlmodelOf } from '../../../../helpers/models-from-elsewhere.ts';

describe('an MLmodel file', () => {
  it('is read as MLflow 3.6 writes it, its folded texts whole', () => {
    const { flavors, onnxFile, inputs, outputs } = readMlmodel(mlmodelOf());

    expect({ flavors, onnxFile }).toEqual({ flavors: ['onnx', 'python_function'], onnxFile: 'model.onnx' });
    expect(JSON.parse(inputs ?? '').map(({ name }: { name: string }) => name)).toEqual(['x', 'kind']);
    expect(JSON.parse(outputs ?? '')).toEqual([
      { name: 'probability', type: 'tensor', 'tensor-spec': { dtype: 'float32', shape: [-1, 1] } },
    ]);
  });

  it('is read as ours is written', () => {
    const tensor = { name: "it's", datatype: 'FP32', shape: [-1, 1] } as const;
    const text = writeMlmodel({
      modelDigest: 'd'.repeat(64),
      sizeBytes: 3,
      createdAtMs: 5,
      onnxRelease: '1.9.0',
      inputs: [tensor],
      outputs: [tensor],
      modelFile: 'model.onnx',
    });

    const { flavors, onnxFile, inputs } = readMlmodel(text);

    expect({ flavors, onnxFile }).toEqual({ flavors: ['onnx', 'python_function'], onnxFile: 'model.onnx' });
    expect(JSON.parse(inputs ?? '')[0].name).toBe("it's");
  });

  it.each([
    ['a path in single quotes', "    data: 'it''s a file.onnx'", "it's a file.onnx"],
    ['a path in double quotes, folded', '    data: "a\\u00e9\\\n      b\\tc \\"d\\""', 'aéb\tc "d"'],
    ['a plain path over two lines', '    data: a long\n      name.onnx', 'a long name.onnx'],
    ['a remark behind it', '    data: model.onnx # the graph', 'model.onnx'],
    ['line ends of Windows', '    data: model.onnx\r', 'model.onnx'],
  ])('may have %s', (_what, line, expected) => {
    expect(readMlmodel(`flavors:\n  onnx:\n    code: null\n${line}\n  other:\n    data: x\n`).onnxFile).toBe(expected);
  });

  it('of another flavor names no ONNX file, and no signature where it has none', () => {
    expect(readMlmodel('flavors:\n  sklearn:\n    data: model.pkl\nsignature: null\n')).toEqual({
      flavors: ['sklearn'],
    });
  });

  it('that is none is refused', () => {
    expect(() => readMlmodel('{}')).toThrow('names no flavors');
  });

  it('of many lines is read in a time that grows with them', () => {
    const text = `flavors:\n  onnx:\n    data: a\n${'      b\n'.repeat(100_000)}`;

    expect(readMlmodel(text).onnxFile).toHaveLength(200_001);
  }, 2_000);
});
