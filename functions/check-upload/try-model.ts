import { MODEL_FILE, type Signature } from '../../shared/contracts/artifacts.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { inspectModel, type OnnxModel } from '../../shared/core/onnx/index.ts';
import { servingFaults, smokeFault, smokeInputs } from '../../shared/core/packaging/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { ModelRuntime } from '../../shared/ports/model-runtime.ts';

const refused = (faults: readonly string[]): InvalidRequestError =>
  new InvalidRequestError(`${MODEL_FILE} cannot be served: ${faults.join('; ')}`);

const smokeRun = async (runtime: ModelRuntime, bytes: Uint8Array, definition: ModelDefinition): Promise<void> => {
  const loaded = await runtime.load(bytes);
  try {
    for (const { inputs, rowCount } of smokeInputs(definition.features)) {
      const fault = smokeFault(definition.task, await loaded.predict(inputs, rowCount));
      if (fault !== undefined) throw refused([fault]);
    }
  } catch (error) {
    if (error instanceof InvalidRequestError) throw error;
    throw refused([`the smoke run failed: ${String(error)}`]);
  } finally {
    await loaded.release();
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
 * @returns the signature under which it is served.
 * @throws InvalidRequestError with every reason why it cannot be served.
 */
export const tryModel = async (
  runtime: ModelRuntime,
  bytes: Uint8Array,
  definition: ModelDefinition,
): Promise<Signature> => {
  const onnx = inspectModel(bytes);
  const faults = servingFaults(onnx, definition.features);
  if (faults.length > 0) throw refused(faults);
  await smokeRun(runtime, bytes, definition);
  return signatureOf(definition, onnx);
};
