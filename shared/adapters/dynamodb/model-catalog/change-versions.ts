import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { ReferencedVersion } from '../../../core/registry/index.ts';
import type { ModelCatalog } from '../../../ports/model-catalog.ts';
import { encodeEntity } from '../entity.ts';
import { guardedUpdate } from '../guarded-update.ts';
import { versionKey, versionTagKey } from '../keys.ts';
import type { StoredModel, StoredVersion, VersionFields } from '../registry-items.ts';
import { mayHaveTag, withTag, withTags } from '../registry-tags.ts';
import { type CatalogContext, change, unchangedResult } from './catalog-context.ts';
import { modelUpdate, requireFewLongTags, touched } from './change-models.ts';
import { readModel, readVersion, wholeVersion } from './read-models.ts';

/** Registering, describing and tagging model versions. Each touches its model, whose last change it is. */

type VersionChanges = Pick<ModelCatalog, 'createVersion' | 'describeVersion' | 'setVersionTag'>;

export const versionUpdate = (
  context: CatalogContext,
  home: string,
  { fields }: StoredVersion,
  after: VersionFields,
  relied: readonly string[] = [],
): TransactWriteItem =>
  guardedUpdate({
    table: context.registryTable,
    key: versionKey(home, fields.version),
    before: fields,
    after,
    relied,
  });

const modelTouched = (context: CatalogContext, stored: StoredModel, atMs: number): TransactWriteItem =>
  modelUpdate(context, stored, { ...stored.fields, ...touched(stored.fields, atMs) });

/** The versions' tags, by key. */
const placeOf = (context: CatalogContext, home: string, version: number) => ({
  table: context.registryTable,
  keyOf: (key: string) => versionTagKey(home, version, key),
});

const registration =
  (context: CatalogContext): ModelCatalog['createVersion'] =>
  (name, { tags, ...about }, by) =>
    change(context, `registering a version of ${name}`, by, async () => {
      const stored = await readModel(context, name);
      const { home, fields: model } = stored;
      const number = model.latestVersion + 1;
      const bare = {
        ...about,
        model: name,
        version: number,
        status: 'REFERENCED' as const,
        stage: 'None' as const,
        registeredAtMs: by.atMs,
        updatedAtMs: by.atMs,
      };
      const { fields, actions } = withTags(bare as typeof bare & VersionFields, tags, placeOf(context, home, number));
      const counted = { ...model, latestVersion: number, latestNone: number, ...touched(model, by.atMs) };
      const result: ReferencedVersion = { ...bare, tags };
      return {
        actions: [
          modelUpdate(context, stored, counted),
          {
            Put: {
              TableName: context.registryTable,
              Item: encodeEntity('ModelVersion', versionKey(home, number), fields),
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          },
          ...requireFewLongTags(actions),
        ],
        entry: { model: name, version: number, action: 'register version', after: { ...about, tags } },
        result,
      };
    });

export const versionChanges = (context: CatalogContext): VersionChanges => ({
  createVersion: registration(context),

  describeVersion: (name, version, description, by) =>
    change(context, `describing version ${name}@${version}`, by, async () => {
      const stored = await readModel(context, name);
      const target = await readVersion(context, stored, version);
      const updatedAtMs = Math.max(target.version.updatedAtMs, by.atMs);
      const after = { ...target.fields, description, updatedAtMs };
      const whole = await wholeVersion(context, stored.home, target);
      return {
        actions: [modelTouched(context, stored, by.atMs), versionUpdate(context, stored.home, target, after)],
        entry: { model: name, version, action: 'describe version' },
        result: { ...whole, description, updatedAtMs },
      };
    }),

  setVersionTag: (name, version, key, value, by) =>
    change(context, `tagging version ${name}@${version}`, by, async () => {
      const stored = await readModel(context, name);
      const target = await readVersion(context, stored, version);
      if (value === undefined && !mayHaveTag(target.fields, key)) return unchangedResult(stored.model);
      const { fields, actions } = withTag(target.fields, { key, value }, placeOf(context, stored.home, version));
      return {
        actions: [
          modelTouched(context, stored, by.atMs),
          versionUpdate(context, stored.home, target, fields, ['tags', 'hasLongTags']),
          ...actions,
        ],
        entry: { model: name, version, action: value === undefined ? 'delete version tag' : 'set version tag' },
        result: stored.model,
      };
    }),
});
