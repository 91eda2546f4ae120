import { METRICS_FILE, MODEL_FILE, SIGNATURE_FILE } from '../../shared/contracts/artifacts.ts';
import { COVERS_FILE } from '../../shared/contracts/explanation.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { StepOutput } from '../../shared/ports/step-cache.ts';
import type { TrainedModel } from './train-on-table.ts';

const JSON_TYPE = 'application/json';

/** Writes model.onnx, signature.json, metrics.json and covers.json, one after the other. @returns what was written */
export const writeModel = async (
  artifacts: Pick<ArtifactStore, 'put'>,
  prefix: string,
  { onnx, signature, metrics, covers }: TrainedModel,
): Promise<readonly StepOutput[]> => {
  const put = async (name: string, body: Uint8Array, contentType?: string): Promise<StepOutput> => {
    const key = `${prefix}${name}`;
    const { etag } = await artifacts.put(key, body, contentType);
    return { name, key, etag };
  };
  return [
    await put(MODEL_FILE, onnx),
    await put(SIGNATURE_FILE, toJsonFile(signature), JSON_TYPE),
    await put(METRICS_FILE, toJsonFile(metrics), JSON_TYPE),
    await put(COVERS_FILE, toJsonFile({ schemaVersion: 1, covers }), JSON_TYPE),
  ];
};
