import { ConditionalCheckFailedException, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { datasetSnapshotNode, modelVersionNode, originVersionNode, runNode } from '../../contracts/lineage.ts';
import type { ModelVersion } from '../../core/registry/index.ts';
import { assert } from '../../kernel/assert.ts';
import { InvalidStateError, NotFoundError } from '../../kernel/errors.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { fromItem, type Item, toItem } from './attribute-value.ts';
import { CONTENDED, retryWhileContended } from './contention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import { modelKey, runVersionKey, VERSION_PREFIX, versionKey } from './keys.ts';
import { edgeActions } from './lineage-edge.ts';
import { countVersionAction } from './registered-models.ts';
import type { RegistryContext } from './registry-context.ts';
import { call, getItem, queryPage, transact } from './table.ts';
import { setExpression } from './update-expression.ts';

/** Model versions: gapless numbers, one version per run, one decision per version. */

type ModelVersions = Pick<ModelRegistry, 'registerVersion' | 'getVersion' | 'listVersions' | 'decideVersion'>;
type Registration = Parameters<ModelRegistry['registerVersion']>[0];

const decode = (item: Item): ModelVersion => decodeEntity('ModelVersion', item);

/**
 * One transaction: counter, version, the run's claim on it and the lineage edges. An atomic ADD on the counter would
 * leave a gap whenever its caller dies before writing the version.
 */
const register = async (
  context: RegistryContext,
  { owner, ...registration }: Registration,
  expected: number,
): Promise<
  | { readonly outcome: 'registered'; readonly version: ModelVersion }
  | { readonly outcome: 'registered-before'; readonly number: number }
  | { readonly outcome: 'contended' }
> => {
  const { registryTable } = context;
  const { model, runId, datasetSnapshot, registeredAtMs: recordedAtMs, origin } = registration;
  const number = expected + 1;
  const version: ModelVersion = { ...registration, version: number, status: 'PENDING_APPROVAL' };
  const isNew = {
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
  const runVersionItem = encodeEntity('RunVersion', runVersionKey(model, runId), { version: number });
  const versionItem = encodeEntity('ModelVersion', versionKey(model, number), version);
  const run = runNode(model, runId);
  const result = await transact(context.client, [
    { Put: { TableName: registryTable, Item: runVersionItem, ...isNew } },
    countVersionAction(registryTable, { model, owner, expected }),
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
  ]);
  if (result.outcome === 'written') return { outcome: 'registered', version };
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

  const getVersion = async (model: string, version: number): Promise<ModelVersion> => {
    const item = await getItem(client, registryTable, versionKey(model, version));
    if (item === undefined) throw new NotFoundError(`model version ${model}@${version} is not registered`);
    return decode(item);
  };

  const latestVersionOf = async (model: string): Promise<number> => {
    const item = await getItem(client, registryTable, modelKey(model));
    return item === undefined ? 0 : Number(fromItem(item).latestVersion);
  };

  return {
    getVersion,

    registerVersion: (registration, deadlineMs) =>
      retryWhileContended(
        `registering the version of run ${registration.runId}`,
        deadlineMs,
        async () => {
          // Read after the wait, not before: a number known before it is old by the time it is used.
          const expected = await latestVersionOf(registration.model);
          const result = await register(context, registration, expected);
          if (result.outcome === 'registered') return result.version;
          return result.outcome === 'contended' ? CONTENDED : getVersion(registration.model, result.number);
        },
        context.pacing,
      ),

    listVersions: async (model, limit, cursor) => {
      const { pk } = modelKey(model);
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
      const versions = items.map(decode);
      const last = versions.at(-1);
      return {
        items: versions,
        ...(hasMore && last ? { nextCursor: encodeCursor(versionKey(model, last.version).sk) } : {}),
      };
    },

    decideVersion: async ({ model, version, ...decision }) => {
      const set = setExpression(decision);
      try {
        const { Attributes } = await call(() =>
          client.send(
            new UpdateItemCommand({
              TableName: registryTable,
              Key: toItem(versionKey(model, version)),
              ...set,
              ConditionExpression: '#status = :pending',
              ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ':pending': { S: 'PENDING_APPROVAL' } },
              ReturnValues: 'ALL_NEW',
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            }),
          ),
        );
        assert(Attributes !== undefined, 'an update with ReturnValues ALL_NEW returns the item');
        return decode(Attributes);
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        if (error.Item === undefined) throw new NotFoundError(`model version ${model}@${version} is not registered`);
        const standing = decode(error.Item);
        if (standing.status === decision.status) return standing;
        throw new InvalidStateError(
          `model version ${model}@${version} is ${standing.status} by ${standing.decidedBy ?? 'nobody'}, it cannot become ${decision.status}`,
        );
      }
    },
  };
};
