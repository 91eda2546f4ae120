import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Datatype, Tensor, TensorData } from '../../../shared/core/inference/index.ts';
import { interpretModel } from '../../../shared/core/interpreter/index.ts';
import type { DrawnCase } from './drawn-case.ts';
import { onnxBytes } from './onnx-bytes.ts';

const ORT_TYPES = {
  FP32: 'float32',
  FP64: 'float64',
  INT64: 'int64',
  INT32: 'int32',
  BOOL: 'bool',
  BYTES: 'string',
  UINT8: 'uint8',
  INT8: 'int8',
  UINT16: 'uint16',
  INT16: 'int16',
  UINT32: 'uint32',
  UINT64: 'uint64',
} as const satisfies Partial<Record<Datatype, string>>;

const toOrt = ({ datatype, shape, data }: Tensor): OrtTensor =>
  new OrtTensor(ORT_TYPES[datatype as keyof typeof ORT_TYPES] as 'float32', data as Float32Array, shape);

/** Answers of onnxruntime on one thread; undefined where it refuses the model or the inputs. */
export const askOnnxruntime = async (
  bytes: Uint8Array,
  inputs: readonly Tensor[],
): Promise<Readonly<Record<string, OrtTensor>> | undefined> => {
  let session: InferenceSession | undefined;
  try {
    session = await InferenceSession.create(bytes, {
      executionProviders: ['cpu'],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      logSeverityLevel: 4,
    });
    return await session.run(Object.fromEntries(inputs.map((input) => [input.name, toOrt(input)])));
  } catch {
    return undefined;
  } finally {
    await session?.release();
  }
};

const TOLERANCE = 2e-6;

const isNear = (ours: number, theirs: number, exact: boolean): boolean => {
  if (Object.is(ours, theirs) || (Number.isNaN(ours) && Number.isNaN(theirs))) return true;
  if (exact) return false;
  return Math.abs(ours - theirs) <= TOLERANCE * Math.max(1, Math.abs(theirs)) || (ours === 0 && theirs === 0);
};

const differenceOf = (ours: TensorData, theirs: ArrayLike<unknown>, exact: boolean): string | undefined => {
  if (ours.length !== theirs.length) return `${ours.length} elements, expected ${theirs.length}`;
  for (let i = 0; i < ours.length; i++) {
    const [mine, other] = [ours[i], theirs[i]];
    const same = typeof mine === 'number' ? isNear(mine, Number(other), exact) : mine === other;
    if (!same) return `element ${i} is ${String(mine)}, expected ${String(other)}`;
  }
  return undefined;
};

export type Verdict = 'same' | 'refused' | 'both refuse' | { readonly difference: string };

/** What the interpreter makes of a case, held against onnxruntime. */
export const judge = async ({ model, inputs, exact }: DrawnCase, packed: boolean): Promise<Verdict> => {
  const bytes = onnxBytes(model, { packed });
  const expected = await askOnnxruntime(bytes, inputs);
  const interpreted = interpretModel(bytes);
  if ('refused' in interpreted) return expected === undefined ? 'both refuse' : 'refused';
  let outputs: readonly Tensor[];
  try {
    outputs = interpreted.model.run(inputs);
  } catch (error) {
    return expected === undefined ? 'both refuse' : { difference: `it throws ${String(error)}` };
  }
  // What onnxruntime refuses and we answer is not held against anything.
  if (expected === undefined) return 'both refuse';
  for (const output of outputs) {
    const theirs = expected[output.name]!;
    if (output.shape.join() !== theirs.dims.join()) {
      return { difference: `${output.name} has shape [${output.shape}], expected [${theirs.dims}]` };
    }
    if (ORT_TYPES[output.datatype as keyof typeof ORT_TYPES] !== theirs.type) {
      return { difference: `${output.name} is ${output.datatype}, expected ${theirs.type}` };
    }
    const difference = differenceOf(output.data, theirs.data as ArrayLike<unknown>, exact);
    if (difference !== undefined) return { difference: `${output.name}: ${difference}` };
  }
  return 'same';
};
