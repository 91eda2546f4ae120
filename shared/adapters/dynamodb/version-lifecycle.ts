import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { ConflictError, InvalidStateError } from '../../kernel/errors.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { fromItem, toItem } from './attribute-value.ts';
import { changeVersion } from './change-version.ts';
import { deploymentKey, rolloutLeaseKey } from './keys.ts';
import type { RegistryContext } from './registry-context.ts';
import { getItem } from './table.ts';

/** Retiring, reinstating and archiving versions, and noting that an archived one's files are collected. */

type VersionLifecycles = Pick<ModelRegistry, 'moveVersion' | 'collectVersion'>;

/** @returns checks that the version does not serve when it is written. @throws InvalidStateError, ConflictError */
const servesNot = async (
  { client, registryTable }: RegistryContext,
  model: string,
  version: number,
): Promise<readonly TransactWriteItem[]> => {
  const [deployment, lease] = await Promise.all([
    getItem(client, registryTable, deploymentKey(model)),
    getItem(client, registryTable, rolloutLeaseKey(model)),
  ]);
  if (deployment !== undefined && fromItem(deployment).version === version) {
    throw new InvalidStateError(`model version ${model}@${version} serves: a rollout must replace it first`);
  }
  if (lease !== undefined) {
    const { rolloutId } = fromItem(lease);
    throw new ConflictError(`rollout ${String(rolloutId)} of ${model} runs: no version is retired until it has ended`);
  }
  return [
    {
      ConditionCheck: {
        TableName: registryTable,
        Key: toItem(deploymentKey(model)),
        ConditionExpression: 'attribute_not_exists(pk) OR #version <> :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': { N: String(version) } },
      },
    },
    {
      ConditionCheck: {
        TableName: registryTable,
        Key: toItem(rolloutLeaseKey(model)),
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    },
  ];
};

export const versionLifecycles = (context: RegistryContext): VersionLifecycles => ({
  moveVersion: ({ model, version, move, reason, principal, atMs }, decide) =>
    changeVersion(context, `moving ${model}@${version}`, { model, version }, async ({ version: standing }) => {
      const lifecycle = standing.lifecycle ?? 'IN_USE';
      const to = decide(standing);
      if (to === lifecycle) return undefined;
      const about = { lifecycleAtMs: atMs, lifecycleBy: principal, lifecycleReason: reason };
      const nothing = { lifecycleAtMs: undefined, lifecycleBy: undefined, lifecycleReason: undefined };
      return {
        fields: {
          ...(to === 'IN_USE' ? { lifecycle: undefined, ...nothing } : { lifecycle: to, ...about }),
          updatedAtMs: Math.max(standing.updatedAtMs, atMs),
        },
        checks: to === 'IN_USE' ? [] : await servesNot(context, model, version),
        entry: {
          action: `${move} version`,
          principal,
          atMs,
          before: { lifecycle },
          after: { lifecycle: to },
          reason,
        },
      };
    }),

  collectVersion: ({ model, version, principal, atMs }) =>
    changeVersion(context, `collecting ${model}@${version}`, { model, version }, ({ version: standing }) => {
      if (standing.collectedAtMs !== undefined) return undefined;
      if (standing.lifecycle !== 'ARCHIVED') {
        const where = standing.lifecycle ?? 'IN_USE';
        throw new InvalidStateError(`model version ${model}@${version} is ${where}: only ARCHIVED ones are collected`);
      }
      const after = { collectedAtMs: atMs };
      return { fields: after, entry: { action: 'collect version', principal, atMs, after } };
    }),
});
