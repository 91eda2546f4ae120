import { datasetSnapshotNode, modelVersionNode, originVersionNode, runNode } from '../../contracts/lineage.ts';
import { DEFAULT_WORKSPACE, packageSource } from '../../contracts/registry.ts';
import type { ModelVersion, PackagedVersion } from '../../core/registry/index.ts';
import { assert } from '../../kernel/assert.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { fromItem, toItem } from './attribute-value.ts';
import { CONTENDED, retryWhileContended } from './contention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { encodeEntity } from './entity.ts';
import { nameHome, runVersionKey, VERSION_PREFIX, versionKey } from './keys.ts';
import { edgeActions } from './lineage-edge.ts';
import { locateVersion } from './locate-version.ts';
import { countVersionActions, findStoredModel } from './registered-models.ts';
import { commit } from './registry-commit.ts';
import type { RegistryContext } from './registry-context.ts';
import { decodeVersion, type StoredModel } from './registry-items.ts';
import { queryPage } from './table.ts';

/** Model versions: gapless numbers, one version per run. */

type ModelVersions = Pick<ModelRegistry, 'registerVersion' | 'getVersion' | 'listVersions'>;
type Registration = Parameters<ModelRegistry['registerVersion']>[0];

const registered = (
  fields: Omit<PackagedVersion, 'source' | 'stage' | 'description' | 'tags'> & Partial<PackagedVersion>,
): PackagedVersion => ({
  source: packageSource(fields.artifactPrefix),
  stage: 'None',
  description: '',
  tags: {},
  ...fields,
});

/**
 * One transaction: counter, version, the run's claim on it and the lineage edges. An atomic ADD on the counter would
 * leave a gap whenever its caller dies before writing the version.
 */
const register = async (
  context: RegistryContext,
  { owner, principal, ...registration }: Registration,
  standing: StoredModel | undefined,
): Promise<
  | { readonly outcome: 'registered'; readonly version: ModelVersion }
  | { readonly outcome: 'registered-before'; readonly number: number }
  | { readonly outcome: 'contended' }
> => {
  const { registryTable } = context;
  const { model, runId, datasetSnapshot, registeredAtMs: recordedAtMs, origin } = registration;
  const number = (standing?.fields.latestVersion ?? 0) + 1;
  const fields = { ...registration, version: number, status: 'PENDING_APPROVAL' as const, updatedAtMs: recordedAtMs };
  const isNew = {
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
  const runVersionItem = encodeEntity('RunVersion', runVersionKey(model, runId), { version: number });
  const versionItem = encodeEntity('ModelVersion', versionKey(standing?.home ?? nameHome(model), number), fields);
  const run = runNode(model, runId);
  const actions = [
    { Put: { TableName: registryTable, Item: runVersionItem, ...isNew } },
    ...countVersionActions(registryTable, { model, owner, registeredAtMs: recordedAtMs, standing }),
    { Put: { TableName: registryTable, Item: versionItem, ConditionExpression: isNew.ConditionExpression } },
    ...edgeActions(context, { upstream: datasetSnapshotNode(datasetSnapshot), downstream: run, recordedAtMs }),
    ...edgeActions(context, { upstream: run, downstream: modelVersionNode(model, number), recordedAtMs }),
    ...(origin === undefined
      ? []
      : edgeActions(context, {
          upstream: originVersionNode(origin.stage, model, origin.version),
          downstream: run,
          recordedAtMs,
        })),
  ];
  const { modelDigest, manifestDigest } = registration;
  const result = await commit(context, actions, {
    workspace: DEFAULT_WORKSPACE,
    model,
    version: number,
    action: 'register version',
    principal,
    atMs: recordedAtMs,
    after: { runId, modelDigest, manifestDigest },
  });
  if (result.outcome === 'written') return { outcome: 'registered', version: registered(fields) };
  if (result.outcome === 'contended') return { outcome: 'contended' };
  const [runRefusal, counterRefusal] = result.refusals;
  if (runRefusal?.item !== undefined) {
    return { outcome: 'registered-before', number: Number(fromItem(runRefusal.item).version) };
  }
  assert(counterRefusal?.refused, `version ${model}@${number} exists beyond its model's counter`);
  return { outcome: 'contended' };
};

export const modelVersions = (context: RegistryContext): ModelVersions => {
  const { client, registryTable } = context;

  const getVersion = async (model: string, version: number): Promise<ModelVersion> =>
    (await locateVersion(context, model, version)).version;

  return {
    getVersion,

    registerVersion: (registration, deadlineMs) =>
      retryWhileContended(
        `registering the version of run ${registration.runId}`,
        deadlineMs,
        async () => {
          // Read after the wait, not before: a number known before it is old by the time it is used.
          const standing = await findStoredModel(context, registration.model);
          const result = await register(context, registration, standing);
          if (result.outcome === 'registered') return result.version;
          return result.outcome === 'contended' ? CONTENDED : getVersion(registration.model, result.number);
        },
        context.pacing,
      ),

    listVersions: async (model, limit, cursor) => {
      const pk = (await findStoredModel(context, model))?.home ?? nameHome(model);
      const after = cursor === undefined ? undefined : decodeCursor(cursor, /^version#\d{10}$/);
      const { items, hasMore } = await queryPage(client, {
        TableName: registryTable,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: VERSION_PREFIX } },
        ScanIndexForward: false,
        ConsistentRead: true,
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: toItem({ pk, sk: after }) }),
      });
      const versions = items.map((item) => decodeVersion(item, model).version);
      const last = versions.at(-1);
      return {
        items: versions,
        ...(hasMore && last ? { nextCursor: encodeCursor(versionKey(pk, last.version).sk) } : {}),
      };
    },
  };
};
