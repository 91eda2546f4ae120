import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import {
  movedByRollouts,
  namedByLineage,
  nameTaken,
  noSuchVersion,
} from '../../../contracts/http/mlflow/registry-errors.ts';
import { DEFAULT_WORKSPACE, isRolloutAlias } from '../../../contracts/registry.ts';
import type { RegisteredModel } from '../../../core/registry/index.ts';
import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { ModelCatalog } from '../../../ports/model-catalog.ts';
import { toItem } from '../attribute-value.ts';
import { encodeEntity } from '../entity.ts';
import { guardedUpdate, unchanged } from '../guarded-update.ts';
import { clientHome, modelEntryKey, modelIndexKey, modelKey, modelTagKey, versionKey } from '../keys.ts';
import { decodeModel, type ModelFields, type StoredModel } from '../registry-items.ts';
import { mayHaveTag, withTag, withTags } from '../registry-tags.ts';
import { type CatalogContext, type Change, change, unchangedResult } from './catalog-context.ts';
import { findModel, readModel, wholeModel } from './read-models.ts';

/** Creating, describing, tagging and renaming registered models, and their aliases. */

type ModelChanges = Pick<ModelCatalog, 'createModel' | 'describeModel' | 'renameModel' | 'setModelTag' | 'setAlias'>;

/** An item holds 400 kB: 300 aliases of 255 characters beside the tags and the description. */
const MOST_ALIASES = 300;
/** A transaction holds 100 actions and 4 MB. */
const MOST_LONG_TAGS = 10;

export const newModelItem = (context: CatalogContext, fields: ModelFields): TransactWriteItem => {
  const { registryTable, workspace } = context;
  const index = workspace === DEFAULT_WORKSPACE ? modelIndexKey(fields.model) : {};
  return {
    Put: {
      TableName: registryTable,
      Item: encodeEntity('RegisteredModel', { ...modelKey(fields.model, workspace), ...index }, fields),
      ConditionExpression: 'attribute_not_exists(pk)',
    },
  };
};

const entryItem = ({ registryTable, workspace }: CatalogContext, name: string): TransactWriteItem => ({
  Put: { TableName: registryTable, Item: encodeEntity('ModelEntry', modelEntryKey(workspace, name), {}) },
});

/** The model's item as `after` says, if what changes (and what is relied on) is as it was read. */
export const modelUpdate = (
  context: CatalogContext,
  { fields }: StoredModel,
  after: ModelFields,
  relied: readonly (keyof ModelFields)[] = [],
): TransactWriteItem =>
  guardedUpdate({
    table: context.registryTable,
    key: modelKey(fields.model, context.workspace),
    before: { ...fields },
    after: { ...after },
    relied: ['home', ...relied],
  });

/** The latest time at which the model changed: writers' clocks differ. */
export const touched = (fields: ModelFields, atMs: number): Pick<ModelFields, 'updatedAtMs'> => ({
  updatedAtMs: Math.max(fields.updatedAtMs ?? 0, atMs),
});

/** @throws InvalidRequestError for more long values than one transaction takes. */
export const requireFewLongTags = (actions: readonly TransactWriteItem[]): readonly TransactWriteItem[] => {
  if (actions.length <= MOST_LONG_TAGS) return actions;
  throw new InvalidRequestError(
    `at most ${MOST_LONG_TAGS} tags longer than 1000 bytes (or beyond 64000 bytes in all) can be given at creation, got ${actions.length}: set the others afterwards`,
  );
};

const creation =
  (context: CatalogContext): ModelCatalog['createModel'] =>
  ({ model: name, description, tags }, by) =>
    change(context, `creating model ${name}`, by, async () => {
      const standing = await findModel(context, name);
      if (standing !== undefined) throw nameTaken(name, { standing: standing.model.tags, wanted: tags });
      const home = clientHome(context.workspace, context.newId());
      const place = { table: context.registryTable, keyOf: (key: string) => modelTagKey(home, key) };
      const stamps = { createdAtMs: by.atMs, updatedAtMs: by.atMs };
      const bare: ModelFields = {
        model: name,
        owner: by.principal,
        latestVersion: 0,
        aliases: {},
        description,
        home,
        packaged: false,
        ...stamps,
      };
      const { fields, actions } = withTags(bare, tags, place);
      const item = newModelItem(context, fields);
      const { model } = decodeModel(toItem({ entityType: 'RegisteredModel', schemaVersion: 1, ...fields }));
      const result: RegisteredModel = { ...model, tags };
      return {
        actions: [item, entryItem(context, name), ...requireFewLongTags(actions)],
        entry: { model: name, action: 'create model', after: { description, tags } },
        result,
      };
    });

const renaming =
  (context: CatalogContext): ModelCatalog['renameModel'] =>
  (name, newName, by) =>
    change(context, `renaming model ${name}`, by, async () => {
      const stored = await readModel(context, name);
      if (stored.model.packaged) throw namedByLineage(name, 'renamed');
      if (newName === name) return unchangedResult(await wholeModel(context, stored));
      if ((await findModel(context, newName)) !== undefined) throw nameTaken(newName);
      const fields = { ...stored.fields, model: newName, ...touched(stored.fields, by.atMs) };
      const table = context.registryTable;
      const { workspace } = context;
      const remove: TransactWriteItem = {
        Delete: {
          TableName: table,
          Key: toItem(modelKey(name, workspace)),
          ...unchanged({ ...stored.fields }, Object.keys(stored.fields)),
        },
      };
      const model = await wholeModel(context, stored);
      return {
        actions: [
          remove,
          newModelItem(context, fields),
          { Delete: { TableName: table, Key: toItem(modelEntryKey(workspace, name)) } },
          entryItem(context, newName),
        ],
        entry: { model: name, action: 'rename model', before: { name }, after: { name: newName } },
        result: { ...model, model: newName, ...touched(stored.fields, by.atMs) },
      };
    });

const aliasChange = (
  context: CatalogContext,
  stored: StoredModel,
  alias: string,
  version: number | undefined,
  atMs: number,
): Change<RegisteredModel> => {
  const { fields, model, home } = stored;
  const { [alias]: before, ...others } = fields.aliases;
  const aliases = Object.fromEntries([
    ...Object.entries(others),
    ...(version === undefined ? [] : [[alias, version] as const]),
  ]);
  const after = { ...fields, aliases, ...touched(fields, atMs) };
  const versionStands: readonly TransactWriteItem[] =
    version === undefined
      ? []
      : [
          {
            ConditionCheck: {
              TableName: context.registryTable,
              Key: toItem(versionKey(home, version)),
              ConditionExpression: 'attribute_exists(pk)',
            },
          },
        ];
  return {
    actions: [modelUpdate(context, stored, after, ['packaged', 'aliases']), ...versionStands],
    entry: {
      model: model.model,
      action: version === undefined ? 'delete alias' : 'set alias',
      ...(before === undefined ? {} : { before: { alias, version: before } }),
      ...(version === undefined ? {} : { version, after: { alias, version } }),
    },
    result: model,
    // Of a model that changed meanwhile nothing is known yet: its version may have gone with it.
    refused: ([modelRefusal, versionRefusal]) =>
      version !== undefined && versionRefusal?.refused && !modelRefusal?.refused
        ? noSuchVersion(model.model, version)
        : undefined,
  };
};

const aliasing =
  (context: CatalogContext): ModelCatalog['setAlias'] =>
  (name, alias, version, by) =>
    change(context, `moving alias ${alias} of ${name}`, by, async () => {
      const stored = await readModel(context, name);
      const { aliases } = stored.fields;
      if (stored.model.packaged && isRolloutAlias(alias)) throw movedByRollouts(name, alias);
      if (version === undefined && !Object.hasOwn(aliases, alias)) return unchangedResult(stored.model);
      if (!Object.hasOwn(aliases, alias) && Object.keys(aliases).length >= MOST_ALIASES) {
        throw new InvalidRequestError(
          `registered model '${name}' has ${MOST_ALIASES} aliases, which is the most allowed`,
        );
      }
      return aliasChange(context, stored, alias, version, by.atMs);
    });

export const modelChanges = (context: CatalogContext): ModelChanges => ({
  createModel: creation(context),
  renameModel: renaming(context),
  setAlias: aliasing(context),

  describeModel: (name, description, by) =>
    change(context, `describing model ${name}`, by, async () => {
      const stored = await readModel(context, name);
      const after = { ...stored.fields, description, ...touched(stored.fields, by.atMs) };
      const model = await wholeModel(context, stored);
      return {
        actions: [modelUpdate(context, stored, after)],
        entry: { model: name, action: 'describe model' },
        result: { ...model, description, ...touched(stored.fields, by.atMs) },
      };
    }),

  setModelTag: (name, key, value, by) =>
    change(context, `tagging model ${name}`, by, async () => {
      const stored = await readModel(context, name);
      if (value === undefined && !mayHaveTag(stored.fields, key)) return unchangedResult(stored.model);
      const place = { table: context.registryTable, keyOf: (tag: string) => modelTagKey(stored.home, tag) };
      const { fields, actions } = withTag(stored.fields, { key, value }, place);
      const after = { ...fields, ...touched(fields, by.atMs) };
      return {
        actions: [modelUpdate(context, stored, after, ['tags', 'hasLongTags']), ...actions],
        entry: { model: name, action: value === undefined ? 'delete model tag' : 'set model tag' },
        result: stored.model,
      };
    }),
});
