import { hash } from 'node:crypto';
import { createAnyRuntime } from '../../shared/adapters/interpreter/any-runtime.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { MODEL_FILE, SIGNATURE_FILE, SignatureSchema } from '../../shared/contracts/artifacts.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { type FeatureValue, toBatch } from '../../shared/core/inference/index.ts';
import { interpretModel } from '../../shared/core/interpreter/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Engine, ModelRuntime } from '../../shared/ports/model-runtime.ts';

/** What `GET /lineage/why/{predictionId}` answers, as far as it is used here. */
export interface Explanation {
  readonly prediction: {
    readonly predictionId: string;
    readonly model: string;
    readonly version: number;
    readonly at: string;
    readonly inputs: Readonly<Record<string, FeatureValue>>;
    readonly output: number;
    /** What ran the model; absent where that was not recorded yet, when it was always onnxruntime. */
    readonly engine?: Engine;
  };
  readonly modelVersion: { readonly modelDigest: string; readonly artifactPrefix: string };
  readonly checks: readonly { readonly claim: string; readonly holds: boolean; readonly found?: string }[];
  readonly verified: boolean;
}

/** Engines differ in the last bits of some operators, so the one that answered is asked. */
const runtimeOf = (engine: Engine = 'onnxruntime'): ModelRuntime => {
  const other = createModelRuntime();
  return engine === 'onnxruntime'
    ? other
    : createAnyRuntime({ interpret: interpretModel, openOther: async () => other });
};

/**
 * Asks the model again what it was asked then, by its bytes and the inputs as they were recorded.
 * @returns what it says, and whether that is what it said, to the last bit.
 * @throws InvalidStateError when the bytes are not those that answered.
 */
export const rerunPrediction = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  { prediction, modelVersion }: Explanation,
): Promise<{ readonly output: number; readonly equal: boolean }> => {
  const { artifactPrefix, modelDigest } = modelVersion;
  const [bytes, signatureBytes] = await Promise.all([
    artifacts.get(`${artifactPrefix}${MODEL_FILE}`),
    artifacts.get(`${artifactPrefix}${SIGNATURE_FILE}`),
  ]);
  const digest = hash('sha256', bytes);
  if (digest !== modelDigest) {
    throw new InvalidStateError(`${artifactPrefix}${MODEL_FILE} has digest ${digest}, registered is ${modelDigest}`);
  }
  const { columns, rowCount } = toBatch(parseJsonFile(SignatureSchema, signatureBytes, SIGNATURE_FILE), [
    prediction.inputs,
  ]);
  const loaded = await runtimeOf(prediction.engine).load(bytes);
  try {
    const [output = Number.NaN] = await loaded.predict(columns, rowCount);
    return { output, equal: Object.is(output, prediction.output) };
  } finally {
    await loaded.release();
  }
};
