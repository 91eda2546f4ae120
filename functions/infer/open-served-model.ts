import { type ReadItem, readVersionEvidence } from '../../shared/adapters/dynamodb/version-evidence.ts';
import { createAnyRuntime } from '../../shared/adapters/interpreter/any-runtime.ts';
import { createItemReader } from '../../shared/adapters/sigv4/read-item.ts';
import { createObjectReader } from '../../shared/adapters/sigv4/read-object.ts';
import type { SignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { interpretModel } from '../../shared/core/interpreter/index.ts';
import { createServedModel, loadServedModel, type Pins } from './load-served-model.ts';

/** The model that these pins name, from its own places; undefined without pins. It is loaded from now on. */
export const openServedModel = (
  model: string,
  pins: Pins | undefined,
  client: SignedClient,
  places: Readonly<Record<'ARTIFACT_BUCKET' | 'REGISTRY_TABLE' | 'AUDIT_TABLE', string>>,
): ReturnType<typeof createServedModel> => {
  if (pins === undefined) return createServedModel(undefined);
  const tables = {
    readItem: createItemReader(client) as ReadItem,
    registryTable: places.REGISTRY_TABLE,
    auditTable: places.AUDIT_TABLE,
  };
  const deps = {
    model,
    artifacts: createObjectReader(client, places.ARTIFACT_BUCKET),
    runtime: createAnyRuntime({
      interpret: interpretModel,
      // Loaded by the first model that the interpreter does not take.
      openOther: async () => (await import('../../shared/adapters/onnx/model-runtime.ts')).createModelRuntime(),
    }),
    readEvidence: (version: number) => readVersionEvidence(tables, model, version),
  };
  return createServedModel(() => loadServedModel(deps, pins));
};
