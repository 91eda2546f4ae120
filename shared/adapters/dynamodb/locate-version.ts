import { NotFoundError } from '../../kernel/errors.ts';
import { nameHome, versionKey } from './keys.ts';
import { findStoredModel } from './registered-models.ts';
import type { RegistryContext } from './registry-context.ts';
import { decodeVersion, type StoredVersion } from './registry-items.ts';
import { getItem } from './table.ts';

export interface LocatedVersion extends StoredVersion {
  /** The partition that it stands in. */
  readonly home: string;
}

/**
 * Under the model's name first: there a pipeline's versions are, unless a client created their model.
 * @throws NotFoundError
 */
export const locateVersion = async (
  context: RegistryContext,
  model: string,
  version: number,
): Promise<LocatedVersion> => {
  const { client, registryTable } = context;
  const own = nameHome(model);
  const item = await getItem(client, registryTable, versionKey(own, version));
  if (item !== undefined) return { home: own, ...decodeVersion(item, model) };
  const home = (await findStoredModel(context, model))?.home ?? own;
  const elsewhere = home === own ? undefined : await getItem(client, registryTable, versionKey(home, version));
  if (elsewhere === undefined) throw new NotFoundError(`model version ${model}@${version} is not registered`);
  return { home, ...decodeVersion(elsewhere, model) };
};
