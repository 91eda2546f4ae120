import { createHash } from 'node:crypto';
import { MLMODEL_FILE, MODEL_FILE, SIGNATURE_FILE, type Signature } from '../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { inspectModel, onnxRelease } from '../../shared/core/onnx/index.ts';
import { trackingRunId, writeMlmodel } from '../../shared/core/packaging/index.ts';

/** A model as a trainer leaves it. */
export interface StoredModel {
  readonly bytes: Uint8Array;
  readonly signature: Signature;
}

const sha256 = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/**
 * The files of a run's final model, with the `MLmodel` file by which MLflow's clients load it.
 * @throws InvalidRequestError for a model whose bytes are no ONNX.
 */
export const modelFiles = ({
  model,
  runId,
  bytes,
  signature,
  createdAtMs,
}: StoredModel & {
  readonly model: string;
  readonly runId: string;
  readonly createdAtMs: number;
}): readonly (readonly [file: string, bytes: Uint8Array])[] => {
  const mlmodel = writeMlmodel({
    modelDigest: sha256(bytes),
    sizeBytes: bytes.byteLength,
    trackingRunId: trackingRunId({ model, runId }, sha256),
    createdAtMs,
    onnxRelease: onnxRelease(inspectModel(bytes)),
    inputs: signature.inputs,
    outputs: signature.outputs,
    modelFile: MODEL_FILE,
  });
  return [
    [MODEL_FILE, bytes],
    [SIGNATURE_FILE, toJsonFile(signature)],
    [MLMODEL_FILE, new TextEncoder().encode(mlmodel)],
  ];
};
