import { FEATURE_VIEWS_FILE } from '../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { onlinePlanOf } from '../../shared/core/features/index.ts';

/** How the version's features are had from entities, kept with it; no file for a model whose callers bring them all. */
export const onlinePlanFiles = (definition: ModelDefinition): readonly (readonly [string, Uint8Array])[] => {
  const plan = onlinePlanOf(definition);
  return plan === undefined ? [] : [[FEATURE_VIEWS_FILE, toJsonFile(plan)]];
};
