import { type InferenceSession, Tensor as OnnxTensor } from 'onnxruntime-node';
import type { Datatype, Tensor, TensorSpec } from '../../core/inference/index.ts';
import { InvalidRequestError } from '../../kernel/errors.ts';

/** Our tensors as onnxruntime's and back. Elements are shared, not copied, in both directions. */

const ONNX_TYPES = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
} as const satisfies Readonly<Record<Datatype, OnnxTensor.Type>>;

const DATATYPES: ReadonlyMap<OnnxTensor.Type, Datatype> = new Map(
  (Object.keys(ONNX_TYPES) as Datatype[]).map((datatype) => [ONNX_TYPES[datatype], datatype]),
);

const datatypeOf = (name: string, type: OnnxTensor.Type): Datatype => {
  const datatype = DATATYPES.get(type);
  if (datatype === undefined) throw new InvalidRequestError(`tensor ${name} is of type ${type}, which is not served`);
  return datatype;
};

/** A size that the graph names or leaves open may vary. */
export const specOf = ({ name, type, shape }: InferenceSession.TensorValueMetadata): TensorSpec => ({
  name,
  datatype: datatypeOf(name, type),
  shape: shape.map((size) => (typeof size === 'number' ? size : -1)),
});

/**
 * A Float16Array is not known to Node-API, through which the library's native half reads it as empty: it is given the
 * same bytes as 16-bit integers, which the tensor's constructor would not take.
 */
const withReadableHalves = (tensor: OnnxTensor, { buffer, byteOffset, length }: Float16Array): OnnxTensor =>
  Object.assign(tensor, { cpuData: new Uint16Array(buffer, byteOffset, length) });

/** @throws TypeError when the elements are not those of the datatype. */
export const toOnnxTensor = ({ datatype, shape, data }: Tensor): OnnxTensor => {
  // The constructor's signatures go type by type; it checks the elements against the type itself.
  const tensor = new OnnxTensor(ONNX_TYPES[datatype], data as OnnxTensor.DataTypeMap[OnnxTensor.Type], shape);
  return data instanceof Float16Array ? withReadableHalves(tensor, data) : tensor;
};

export const fromOnnxTensor = (name: string, tensor: OnnxTensor): Tensor => ({
  name,
  datatype: datatypeOf(name, tensor.type),
  shape: tensor.dims,
  data: tensor.data as Tensor['data'],
});
