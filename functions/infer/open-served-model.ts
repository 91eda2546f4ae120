import { type ReadItem, readVersionEvidence } from '../../shared/adapters/dynamodb/version-evidence.ts';
import { createItemReader } from '../../shared/adapters/sigv4/read-item.ts';
import { createObjectReader } from '../../shared/adapters/sigv4/read-object.ts';
import type { SignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import { createServedModel, loadServedModel, type Pins } from './load-served-model.ts';
import { openRuntime } from './open-runtime.ts';

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
  const runtime = openRuntime(pins.engine);
  const deps = {
    model,
    artifacts: createObjectReader(client, places.ARTIFACT_BUCKET),
    runtime,
    readEvidence: (version: number) => readVersionEvidence(tables, model, version),
  };
  const served = createServedModel(() => loadServedModel(deps, pins));
  // What goes wrong with it, the model's own load will tell.
  client
    .sent()
    .then(runtime.prepare)
    .catch(() => undefined);
  return served;
};
