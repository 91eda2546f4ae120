import { InferenceSession } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { inspectModel } from '../../../../../shared/core/onnx/index.ts';
import { LARGEST_MODEL_BYTES, RUNTIME_BOUNDS, servingFaults } from '../../../../../shared/core/packaging/index.ts';
import { readOnnxFixture } from '../../../../reference/onnx/fixtures.ts';

const NUMBERS = [
  { name: 'x1', type: 'number' },
  { name: 'x2', type: 'number' },
] as const;
const X = [{ name: 'x', type: 'number' }] as const;
const linear = () => inspectModel(readOnnxFixture('linear').bytes);

describe('what stands against serving a model', () => {
  it('is nothing for one column of the right type for each feature, and one answer', () => {
    expect(servingFaults(linear(), NUMBERS)).toEqual([]);
    expect(servingFaults(inspectModel(readOnnxFixture('branches').bytes), X)).toEqual([]);
  });

  it('names the features it does not take and the inputs that are none', () => {
    const features = [
      { name: 'x1', type: 'number' },
      { name: 'age', type: 'number' },
    ] as const;

    expect(servingFaults(linear(), features)).toEqual([
      'it has no input for the features "age"',
      'its inputs "x2" are no features of the definition',
    ]);
  });

  it('is a type that a feature has not', () => {
    const features = [NUMBERS[0], { name: 'x2', type: 'category' }] as const;

    expect(servingFaults(linear(), features)).toEqual(['input "x2" must hold STRING, got FLOAT']);
  });

  it.each([
    ['dangling', 'nothing gives the values "nowhere"'],
    ['cycle', 'its nodes wait for each other around "a", "b"'],
    ['duplicate', 'the names "y" are given twice'],
    ['external', 'the tensors "w" stand in other files ("weights.bin"): store tensors inside'],
    ['untyped', 'input "x" has no type, it must be FLOAT'],
    ['custom-domain', 'it uses operators of "com.example"'],
    ['no-opset', 'it imports no version of the default operator set'],
  ])('is what is broken in a model that is %s', (name, text) => {
    const faults = servingFaults(inspectModel(readOnnxFixture(name).bytes), X);

    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(text);
  });

  it.each([
    [{ sizeBytes: LARGEST_MODEL_BYTES + 1 }, 'it has 251 MB, at most 250 MB can be served'],
    [{ irVersion: 99 }, 'its IR version must be 3 to 13, got 99'],
    [{ opsets: new Map([['', 99]]) }, 'its default operator set must be 1 to 26, got 99'],
    [{ outputs: [] }, 'it must have one output, got none'],
    [
      { outputs: [{ name: 'y', kind: 'tensor', elementType: 'FLOAT', shape: ['rows', 3] }] },
      'output "y" must have the shape [rows, 1], got [rows, 3]',
    ],
    [{ outputs: [{ name: 'y', kind: 'sequence' }] }, 'output "y" must be a tensor, got a sequence'],
  ] as const)('is %j', (change, fault) => {
    expect(servingFaults({ ...linear(), ...change }, NUMBERS)).toEqual([fault]);
  });
});

/** ONNX in hex: x → Identity → y, of one IR version and operator sets. */
const identity = (irVersion: number, opset: number, mlOpset: number): Uint8Array => {
  const delimited = (field: number, content: readonly number[]) => [field * 8 + 2, content.length, ...content];
  const text = (field: number, value: string) => delimited(field, [...new TextEncoder().encode(value)]);
  const value = (name: string) => [...text(1, name), ...delimited(2, delimited(1, [8, 1]))];
  const node = [...text(1, 'x'), ...text(2, 'y'), ...text(4, 'Identity')];
  const graph = [...delimited(1, node), ...text(2, 'g'), ...delimited(11, value('x')), ...delimited(12, value('y'))];
  const sets = [...delimited(8, [...text(1, ''), 16, opset]), ...delimited(8, [...text(1, 'ai.onnx.ml'), 16, mlOpset])];
  return Uint8Array.from([8, irVersion, ...delimited(7, graph), ...sets]);
};

const runtimeTakes = async (bytes: Uint8Array): Promise<boolean> => {
  try {
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 4 });
    await session.release();
    return true;
  } catch {
    return false;
  }
};

describe('the bounds of the runtime', () => {
  const { irVersion, opset, mlOpset } = RUNTIME_BOUNDS;

  it('are what the installed one takes, and no more', async () => {
    expect(await runtimeTakes(identity(irVersion.max, opset, mlOpset))).toBe(true);
    expect(await runtimeTakes(identity(irVersion.max + 1, opset, mlOpset))).toBe(false);
    expect(await runtimeTakes(identity(irVersion.max, opset + 1, mlOpset))).toBe(false);
    expect(await runtimeTakes(identity(irVersion.max, opset, mlOpset + 1))).toBe(false);
  });
});
