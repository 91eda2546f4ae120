import type { Tensor } from '../../../shared/core/inference/index.ts';
import type { DrawnModel, DrawnNode } from './onnx-bytes.ts';

/** A model with what it is asked. */
export interface DrawnCase {
  readonly model: DrawnModel;
  readonly inputs: readonly Tensor[];
  /** How near the answers must come: trees bit for bit, others to 2e-6, absolute or of values beyond 1 relative. */
  readonly exact: boolean;
}

/** A model of one node that reads its inputs in order, the first `dynamic` from the request and the others as constants. */
export const nodeCase = (
  node: Omit<DrawnNode, 'inputs' | 'outputs'>,
  {
    tensors,
    dynamic = tensors.length,
    outputs,
    opset,
    mlOpset,
    exact = false,
  }: {
    /** Undefined stands for an optional input that is not given. */
    readonly tensors: readonly (Tensor | undefined)[];
    readonly dynamic?: number;
    readonly outputs: readonly Pick<Tensor, 'datatype' | 'shape'>[];
    readonly opset?: number;
    readonly mlOpset?: number;
    readonly exact?: boolean;
  },
): DrawnCase => {
  const given = tensors.filter((tensor) => tensor !== undefined);
  const asked = given.filter((tensor) => tensors.indexOf(tensor) < dynamic);
  const named = outputs.map((output, index) => ({ ...output, name: `out${index}`, shape: output.shape.map(() => -1) }));
  return {
    model: {
      nodes: [{ ...node, inputs: tensors.map((tensor) => tensor?.name ?? ''), outputs: named.map(({ name }) => name) }],
      inputs: asked.map(({ name, datatype, shape }) => ({ name, datatype, shape: shape.map(() => -1) })),
      constants: given.filter((tensor) => !asked.includes(tensor)),
      outputs: named,
      ...(opset === undefined ? {} : { opset }),
      ...(mlOpset === undefined ? {} : { mlOpset }),
    },
    inputs: asked,
    exact,
  };
};
