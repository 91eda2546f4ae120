import type { FieldValue, Filter, ReadField } from '../tracking/index.ts';
import type { ModelVersion, RegisteredModel } from './model-version.ts';
import { IS_PROMPT_TAG } from './registry-tag.ts';
import { shownRunId } from './shown-run-id.ts';

/** What searches see of registered models and model versions. */

const tagOf = (tags: Readonly<Record<string, string>>, key: string): FieldValue =>
  Object.hasOwn(tags, key) ? tags[key] : undefined;

export const readModelField: ReadField<RegisteredModel> = (model, { kind, key }) => {
  if (kind === 'tag') return tagOf(model.tags, key);
  if (key === 'name') return model.model;
  if (key === 'creation_timestamp') return model.createdAtMs ?? 0;
  return key === 'last_updated_timestamp' ? (model.updatedAtMs ?? 0) : undefined;
};

export const readVersionField: ReadField<ModelVersion> = (version, { kind, key }) => {
  if (kind === 'tag') return tagOf(version.tags, key);
  const attributes: Readonly<Record<string, FieldValue>> = {
    name: version.model,
    version_number: version.version,
    run_id: shownRunId(version),
    source_path: version.source,
    creation_timestamp: version.registeredAtMs,
    last_updated_timestamp: version.updatedAtMs,
  };
  return attributes[key];
};

/**
 * Prompts stand beside models in the registry, and are searched for only by their tag: any other search neither shows
 * them nor looks at that tag.
 */
export const promptSearch = (filter: Filter): { readonly wantsPrompts: boolean; readonly filter: Filter } => {
  const asked = filter.find(({ field }) => field.kind === 'tag' && field.key === IS_PROMPT_TAG);
  const wanted = typeof asked?.value === 'string' ? asked.value.toLowerCase() : '';
  const wantsPrompts =
    (asked?.comparator === '=' && wanted === 'true') || (asked?.comparator === '!=' && wanted === 'false');
  if (wantsPrompts) return { wantsPrompts, filter };
  return { wantsPrompts, filter: filter.filter(({ field }) => field.kind !== 'tag' || field.key !== IS_PROMPT_TAG) };
};

/** The clauses about a model's name, as those of its versions have them. */
export const nameClauses = (filter: Filter): Filter =>
  filter.filter(({ field }) => field.kind === 'attribute' && field.key === 'name');
