import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { noSuchVersion } from '../../../contracts/http/mlflow/registry-errors.ts';
import type { VersionStage } from '../../../core/registry/index.ts';
import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { ModelCatalog } from '../../../ports/model-catalog.ts';
import { fromItem, type Item, toItem } from '../attribute-value.ts';
import { deploymentKey, rolloutLeaseKey, versionKey, versionTagKey } from '../keys.ts';
import { type ModelFields, STAGE_FIELDS, type StoredModel, type StoredVersion } from '../registry-items.ts';
import { getItem, transact } from '../table.ts';
import { type CatalogContext, change } from './catalog-context.ts';
import { modelUpdate, touched } from './change-models.ts';
import { versionUpdate } from './change-versions.ts';
import { queryPrefix, readModel, readVersion, readVersions, wholeVersion } from './read-models.ts';

/** What changes which version is the latest of a stage: moving one to another stage, and deleting one. */

type StageChanges = Pick<ModelCatalog, 'setStage' | 'deleteVersion'>;

/** Versions that one transaction archives besides its own. */
const MOST_ARCHIVED = 90;

type Staged = Pick<StoredVersion['version'], 'version' | 'stage'>;

/** The model's fields with the latest version of each stage as these say. */
const withLatest = (fields: ModelFields, versions: readonly Staged[], atMs: number): ModelFields => {
  const latestOf = (wanted: VersionStage): number | undefined => {
    const numbers = versions.filter(({ stage }) => stage === wanted).map(({ version }) => version);
    return numbers.length === 0 ? undefined : Math.max(...numbers);
  };
  const latest = Object.entries(STAGE_FIELDS).map(
    ([stage, field]) => [field, latestOf(stage as VersionStage)] as const,
  );
  return {
    ...fields,
    ...(Object.fromEntries(latest) as Partial<ModelFields>),
    stageRevision: (fields.stageRevision ?? 0) + 1,
    ...touched(fields, atMs),
  };
};

/** An item of an earlier release does not: its versions say it. */
const saysLatest = (fields: ModelFields): boolean =>
  Object.values(STAGE_FIELDS).some((field) => fields[field] !== undefined);

const latestUpdate = (context: CatalogContext, stored: StoredModel, after: ModelFields): TransactWriteItem =>
  modelUpdate(context, stored, after, ['latestVersion', 'stageRevision']);

const staging =
  (context: CatalogContext): ModelCatalog['setStage'] =>
  (name, version, { stage, archiveOthers }, by) =>
    change(context, `moving version ${name}@${version} to ${stage}`, by, async () => {
      const stored = await readModel(context, name);
      const versions = await readVersions(context, stored);
      const target = versions.find(({ fields }) => fields.version === version);
      if (target === undefined) throw noSuchVersion(name, version);
      const others = archiveOthers ? versions.filter((one) => one !== target && one.version.stage === stage) : [];
      if (others.length > MOST_ARCHIVED) {
        throw new InvalidRequestError(
          `at most ${MOST_ARCHIVED} versions can be archived at once, ${others.length} of '${name}' are in ${stage}: archive some on their own`,
        );
      }
      const moved = new Map<StoredVersion, VersionStage>([
        ...others.map((one) => [one, 'Archived'] as const),
        [target, stage],
      ]);
      const staged = versions.map((one) => ({
        version: one.fields.version,
        stage: moved.get(one) ?? one.version.stage,
      }));
      const updates = [...moved].map(([one, to]) => {
        const updatedAtMs = Math.max(one.version.updatedAtMs, by.atMs);
        return versionUpdate(context, stored.home, one, { ...one.fields, stage: to, updatedAtMs }, ['stage']);
      });
      const before = target.version.stage;
      const whole = await wholeVersion(context, stored.home, target);
      return {
        actions: [latestUpdate(context, stored, withLatest(stored.fields, staged, by.atMs)), ...updates],
        entry: {
          model: name,
          version,
          action: 'set version stage',
          before: { stage: before },
          after: { stage, ...(archiveOthers ? { archived: others.map((one) => one.fields.version) } : {}) },
        },
        result: { ...whole, stage, updatedAtMs: Math.max(whole.updatedAtMs, by.atMs) },
      };
    });

/** @returns checks that the version does not serve when it goes. @throws InvalidRequestError when it does. */
const servesNot = async (
  { client, registryTable }: CatalogContext,
  name: string,
  version: number,
): Promise<readonly TransactWriteItem[]> => {
  const read = (key: { pk: string; sk: string }): Promise<Item | undefined> => getItem(client, registryTable, key);
  const [deployment, lease] = await Promise.all([read(deploymentKey(name)), read(rolloutLeaseKey(name))]);
  if (deployment !== undefined && fromItem(deployment).version === version) {
    throw new InvalidRequestError(
      `version ${version} of registered model '${name}' serves: it can be deleted once a rollout has replaced it`,
    );
  }
  if (lease !== undefined) {
    throw new InvalidRequestError(
      `rollout ${String(fromItem(lease).rolloutId)} of registered model '${name}' runs: its versions can be deleted once it has ended`,
    );
  }
  const check = (
    key: { pk: string; sk: string },
    ConditionExpression: string,
  ): TransactWriteItem['ConditionCheck'] => ({
    TableName: registryTable,
    Key: toItem(key),
    ConditionExpression,
  });
  return [
    {
      ConditionCheck: {
        ...check(deploymentKey(name), 'attribute_not_exists(pk) OR #version <> :version'),
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': { N: String(version) } },
      },
    },
    { ConditionCheck: check(rolloutLeaseKey(name), 'attribute_not_exists(pk)') },
  ] as readonly TransactWriteItem[];
};

/** Nothing names them any more: a deleted version's number is not given again. */
const dropLongTags = async (context: CatalogContext, home: string, version: number): Promise<void> => {
  const tags = await queryPrefix(context, home, versionTagKey(home, version, '').sk);
  for (let at = 0; at < tags.length; at += MOST_ARCHIVED) {
    const keys = tags.slice(at, at + MOST_ARCHIVED).map(({ pk, sk }) => ({ pk, sk }) as Item);
    await transact(
      context.client,
      keys.map((Key) => ({ Delete: { TableName: context.registryTable, Key } })),
    );
  }
};

const deletion =
  (context: CatalogContext): ModelCatalog['deleteVersion'] =>
  async (name, version, by) => {
    const removed = await change(context, `deleting version ${name}@${version}`, by, async () => {
      const stored = await readModel(context, name);
      const target = await readVersion(context, stored, version);
      const checks = stored.model.packaged ? await servesNot(context, name, version) : [];
      const { fields, home, model } = stored;
      const aliases = Object.fromEntries(Object.entries(fields.aliases).filter(([, to]) => to !== version));
      const isLatest = model.latestByStage[target.version.stage] === version || !saysLatest(fields);
      const left = isLatest ? await readVersions(context, stored) : [];
      const counted = isLatest
        ? withLatest(
            fields,
            left.map((one) => one.version).filter((one) => one.version !== version),
            by.atMs,
          )
        : { ...fields, stageRevision: (fields.stageRevision ?? 0) + 1, ...touched(fields, by.atMs) };
      const { source, stage } = target.version;
      return {
        actions: [
          modelUpdate(context, stored, { ...counted, aliases }, [
            'latestVersion',
            'stageRevision',
            'aliases',
            'packaged',
          ]),
          {
            Delete: {
              TableName: context.registryTable,
              Key: toItem(versionKey(home, version)),
              ConditionExpression: 'attribute_exists(pk)',
            },
          },
          ...checks,
        ],
        entry: { model: name, version, action: 'delete version', before: { source, stage } },
        result: { home, hasLongTags: target.fields.hasLongTags === true },
      };
    });
    if (removed.hasLongTags) await dropLongTags(context, removed.home, version);
  };

export const stageChanges = (context: CatalogContext): StageChanges => ({
  setStage: staging(context),
  deleteVersion: deletion(context),
});
