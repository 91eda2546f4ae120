import type { Signature } from '../../shared/contracts/artifacts.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { inspectModel, type OnnxModel } from '../../shared/core/onnx/index.ts';
import {
  type Mlmodel,
  servingFaults,
  signatureFaults,
  smokeFault,
  smokeInputs,
} from '../../shared/core/packaging/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { ModelRuntime } from '../../shared/ports/model-runtime.ts';

/** What trying a model came to: the signature under which it is served, or every reason why it cannot be. */
type Trial = { readonly signature: Signature } | { readonly faults: readonly string[] };

const smokeRun = async (
  runtime: ModelRuntime,
  bytes: Uint8Array,
  definition: ModelDefinition,
): Promise<string | undefined> => {
  try {
    const loaded = await runtime.load(bytes);
    try {
      for (const { inputs, rowCount } of smokeInputs(definition.features)) {
        const fault = smokeFault(definition.task, await loaded.predict(inputs, rowCount));
        if (fault !== undefined) return fault;
      }
      return undefined;
    } finally {
      await loaded.release();
    }
  } catch (error) {
    return `the smoke run failed: ${String(error)}`;
  }
};

/** As a trainer of ours would have written it: the definition knows what the graph does not say. */
const signatureOf = ({ task, features }: ModelDefinition, { outputs }: OnnxModel): Signature => ({
  task,
  inputs: features.map(({ name, type, nullable }) => ({
    name,
    datatype: type === 'category' ? 'BYTES' : 'FP32',
    shape: [-1, 1],
    nullable,
  })),
  outputs: outputs.map(({ name }) => ({ name, datatype: 'FP32', shape: [-1, 1] })),
});

/**
 * Inspects a model and runs it on a few rows.
 * @param mlmodel of a model that an MLflow client logged: its signature must say what the graph says.
 */
export const tryModel = async (
  runtime: ModelRuntime,
  { bytes, mlmodel }: { readonly bytes: Uint8Array; readonly mlmodel?: Mlmodel },
  definition: ModelDefinition,
): Promise<Trial> => {
  let onnx: OnnxModel;
  try {
    onnx = inspectModel(bytes);
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    return { faults: [error.message] };
  }
  const faults = [
    ...servingFaults(onnx, definition.features),
    ...(mlmodel === undefined ? [] : signatureFaults(mlmodel, onnx)),
    // MLflow's client does so by default with tensors of a kilobyte and more.
    ...(mlmodel !== undefined && onnx.externalTensors.length > 0
      ? ['log it by mlflow.onnx.log_model(…, save_as_external_data=False)']
      : []),
  ];
  if (faults.length > 0) return { faults };
  const fault = await smokeRun(runtime, bytes, definition);
  return fault === undefined ? { signature: signatureOf(definition, onnx) } : { faults: [fault] };
};
