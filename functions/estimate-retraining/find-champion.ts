import { isPackaged, type PackagedVersion } from '../../shared/core/registry/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

/** The version that serves, as far as one of ours has been promoted. */
export const findChampion = async (
  registry: Pick<ModelRegistry, 'getModel' | 'getVersion'>,
  model: string,
): Promise<PackagedVersion | undefined> => {
  const registered = await registry.getModel(model).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  const champion = registered?.aliases.champion;
  if (champion === undefined) return undefined;
  const version = await registry.getVersion(model, champion);
  return isPackaged(version) ? version : undefined;
};
