import { InvalidRequestError } from '../../kernel/errors.ts';
import type { Tensor, TensorSpec } from '../inference/index.ts';
import { readGraph } from './graph/read-graph.ts';
import { planGraph } from './plan.ts';
import { runPlan } from './run-plan.ts';
import { type ModelTrace, tracePlan } from './trace-plan.ts';

/** An ONNX model that runs without native code, on the thread that asks. */
export interface InterpretedModel {
  readonly inputs: readonly TensorSpec[];
  /**
   * A ZipMap's sequence of maps is given as the FP32 tensor [rows, classes] that it reads, classes in the order of its
   * labels.
   */
  readonly outputs: readonly TensorSpec[];
  /**
   * @param inputs in the order of the model's.
   * @param outputNames which outputs, in this order. @default all
   * @throws InvalidRequestError for inputs that do not fit, and for an unknown output.
   */
  run(inputs: readonly Tensor[], outputNames?: readonly string[]): readonly Tensor[];
  /** Runs and tells what each node read and gave. @throws as `run` does. */
  trace(inputs: readonly Tensor[]): ModelTrace;
}

/**
 * Reads an ONNX model and makes it ready to run.
 * @returns why it is not interpreted, where it is not: the bytes are no model, or need an operator, type or version
 * that stands to onnxruntime.
 */
export const interpretModel = (
  bytes: Uint8Array,
): { readonly model: InterpretedModel } | { readonly refused: string } => {
  try {
    const plan = planGraph(readGraph(bytes));
    return {
      model: {
        inputs: plan.inputs,
        outputs: plan.outputs,
        run: (inputs, outputNames) => runPlan(plan, inputs, outputNames),
        trace: (inputs) => tracePlan(plan, inputs),
      },
    };
  } catch (error) {
    if (error instanceof InvalidRequestError) return { refused: error.message };
    throw error;
  }
};
