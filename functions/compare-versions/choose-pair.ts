import { chooseChallenger } from '../../shared/core/deployment/index.ts';
import { type PackagedVersion, requirePackaged } from '../../shared/core/registry/index.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

interface Pair {
  readonly challenger: PackagedVersion;
  readonly champion: PackagedVersion;
}

export interface NoPair {
  readonly outcome: 'no model in service' | 'no challenger';
}

/** Versions looked through for a challenger: older ones are not waiting for anything. */
const RECENT_VERSIONS = 50;

/** Which versions of a model are to be compared now. */
export const choosePair = async (
  registry: Pick<ModelRegistry, 'getDeployment' | 'listVersions' | 'getVersion'>,
  model: string,
): Promise<Pair | NoPair> => {
  const serving = await registry.getDeployment(model);
  if (serving === undefined) return { outcome: 'no model in service' };
  const { items } = await registry.listVersions(model, RECENT_VERSIONS);
  const challenger = chooseChallenger(items, serving.version);
  if (challenger === undefined) return { outcome: 'no challenger' };
  return { challenger, champion: requirePackaged(await registry.getVersion(model, serving.version), 'compared') };
};
