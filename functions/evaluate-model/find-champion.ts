import type { Signature } from '../../shared/contracts/artifacts.ts';
import { isPackaged, type PackagedVersion } from '../../shared/core/registry/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { TrainingTable } from '../../shared/ports/training-table.ts';

export interface StoredModel {
  readonly bytes: Uint8Array;
  readonly signature: Signature;
}

/** Reads model.onnx and signature.json under a prefix. */
export type LoadModel = (prefix: string) => Promise<StoredModel>;

export interface Champion {
  readonly version: PackagedVersion;
  readonly loaded: StoredModel;
  /** Whether the table has every input that it reads: a definition may have dropped a feature since. */
  readonly fits: (table: TrainingTable) => boolean;
}

/** The version that serves, as far as one has been promoted. */
export const findChampion = async ({
  registry,
  loadModel,
  model,
}: {
  readonly registry: Pick<ModelRegistry, 'getModel' | 'getVersion'>;
  readonly loadModel: LoadModel;
  readonly model: string;
}): Promise<Champion | undefined> => {
  const registered = await registry.getModel(model).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  const champion = registered?.aliases.champion;
  if (champion === undefined) return undefined;
  const version = await registry.getVersion(model, champion);
  // A client's word, from before rollouts moved the alias: nothing has served by it.
  if (!isPackaged(version)) return undefined;
  const loaded = await loadModel(version.artifactPrefix);
  const fits = (table: TrainingTable): boolean => loaded.signature.inputs.every(({ name }) => table.columns.has(name));
  return { version, loaded, fits };
};
