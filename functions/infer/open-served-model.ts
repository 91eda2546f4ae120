import { createDynamoDbClient } from '../../shared/adapters/dynamodb/table.ts';
import { readVersionEvidence } from '../../shared/adapters/dynamodb/version-evidence.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { createArtifactStore, createS3Client } from '../../shared/adapters/s3/artifact-store.ts';
import { createServedModel, loadServedModel, type Pins, type ServedModel } from './load-served-model.ts';

/** The model that these pins name, from its own places; undefined without pins. It is loaded from now on. */
export const openServedModel = (
  model: string,
  pins: Pins | undefined,
  places: { readonly bucket: string; readonly registryTable: string; readonly auditTable: string },
): (() => Promise<ServedModel | undefined>) => {
  if (pins === undefined) return createServedModel(undefined);
  const tables = { client: createDynamoDbClient(), ...places };
  const deps = {
    model,
    artifacts: createArtifactStore({ client: createS3Client(), bucket: places.bucket }),
    runtime: createModelRuntime(),
    readEvidence: (version: number) => readVersionEvidence(tables, model, version),
  };
  return createServedModel(() => loadServedModel(deps, pins));
};
