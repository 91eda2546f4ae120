import { packageSource } from '../../contracts/registry.ts';
import type { ModelVersion, RegisteredModel, VersionStage } from '../../core/registry/index.ts';
import type { Item } from './attribute-value.ts';
import { decodeEntity } from './entity.ts';
import { nameHome } from './keys.ts';

/** Registered models and model versions as their items say them; what an earlier release did not write gets its default. */

type Texts = Readonly<Record<string, string>>;

/** The fields of a registered model's item. Flat, so that each can be guarded alone. */
export interface ModelFields {
  readonly model: string;
  readonly owner: string;
  readonly latestVersion: number;
  readonly aliases: Readonly<Record<string, number>>;
  readonly description?: string;
  /** The short ones. */
  readonly tags?: Texts;
  /** Some tags stand in items of their own. */
  readonly hasLongTags?: boolean;
  readonly createdAtMs?: number;
  readonly updatedAtMs?: number;
  readonly packaged?: boolean;
  /** Partition of the versions and long tags; absent: the model's own. */
  readonly home?: string;
  readonly latestNone?: number;
  readonly latestStaging?: number;
  readonly latestProduction?: number;
  readonly latestArchived?: number;
  /** Counts what may change which version is a stage's latest, new versions apart. */
  readonly stageRevision?: number;
}

export const STAGE_FIELDS: Readonly<Record<VersionStage, keyof ModelFields & `latest${VersionStage}`>> = {
  None: 'latestNone',
  Staging: 'latestStaging',
  Production: 'latestProduction',
  Archived: 'latestArchived',
};

export interface StoredModel {
  readonly fields: ModelFields;
  readonly home: string;
  /** Without its long tags. */
  readonly model: RegisteredModel;
}

/** An item without this time was written by a release that knew pipelines alone, whose versions have no stage. */
const isOld = ({ createdAtMs }: ModelFields): boolean => createdAtMs === undefined;

const latestByStageOf = (fields: ModelFields): RegisteredModel['latestByStage'] => {
  const stages = Object.entries(STAGE_FIELDS) as [VersionStage, keyof ModelFields & `latest${VersionStage}`][];
  const latest = stages.flatMap(([stage, field]) => (fields[field] === undefined ? [] : [[stage, fields[field]]]));
  if (latest.length > 0 || !isOld(fields) || fields.latestVersion === 0) return Object.fromEntries(latest);
  return fields.stageRevision === undefined ? { None: fields.latestVersion } : {};
};

export const decodeModel = (item: Item, workspace?: string): StoredModel => {
  const fields = decodeEntity<ModelFields>('RegisteredModel', item);
  const { model, owner, latestVersion, aliases, createdAtMs, updatedAtMs } = fields;
  return {
    fields,
    home: fields.home ?? nameHome(model, workspace),
    model: {
      model,
      owner,
      latestVersion,
      aliases,
      description: fields.description ?? '',
      tags: fields.tags ?? {},
      ...(createdAtMs === undefined ? {} : { createdAtMs }),
      ...(updatedAtMs === undefined ? {} : { updatedAtMs }),
      packaged: fields.packaged ?? isOld(fields),
      ...(fields.home === undefined ? {} : { home: fields.home }),
      latestByStage: latestByStageOf(fields),
    },
  };
};

/** Where a model keeps its versions and long tags. */
export const homeOf = ({ model, home }: RegisteredModel, workspace?: string): string =>
  home ?? nameHome(model, workspace);

/** The fields of a version's item. */
export type VersionFields = Readonly<Record<string, unknown>> & {
  readonly version: number;
  readonly stage?: VersionStage;
  readonly tags?: Texts;
  readonly hasLongTags?: boolean;
};

export interface StoredVersion {
  readonly fields: VersionFields;
  /** Without its long tags. */
  readonly version: ModelVersion;
}

/** @param model name of the version's model today: the item has the name under which it was registered. */
export const decodeVersion = (item: Item, model: string): StoredVersion => {
  const fields = decodeEntity<VersionFields>('ModelVersion', item);
  const { hasLongTags: _, ...known } = fields;
  const { artifactPrefix, registeredAtMs, decidedAtMs } = known as Partial<ModelVersion & { artifactPrefix: string }>;
  const version = {
    ...(artifactPrefix === undefined ? {} : { source: packageSource(artifactPrefix) }),
    stage: 'None',
    description: '',
    tags: {},
    updatedAtMs: decidedAtMs ?? registeredAtMs,
    ...known,
    model,
  };
  return { fields, version: version as unknown as ModelVersion };
};
