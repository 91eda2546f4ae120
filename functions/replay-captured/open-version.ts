import { loadVerifiedModel, type VerifiedModel } from '../../shared/adapters/s3/verified-model.ts';
import { requirePackaged } from '../../shared/core/registry/index.ts';
import { InvalidRequestError, InvalidStateError, NotFoundError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ModelRuntime } from '../../shared/ports/model-runtime.ts';

export interface VersionSources {
  readonly registry: Pick<ModelRegistry, 'getVersion'>;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly runtime: ModelRuntime;
}

/** A version by its registered bytes, or in words why it cannot be asked. What may pass by itself is thrown. */
export const openVersion = async (
  { registry, artifacts, runtime }: VersionSources,
  model: string,
  version: number,
): Promise<VerifiedModel | string> => {
  try {
    const packaged = requirePackaged(await registry.getVersion(model, version), 'replayed');
    return await loadVerifiedModel(artifacts, runtime, packaged);
  } catch (error) {
    const lasting =
      error instanceof NotFoundError || error instanceof InvalidStateError || error instanceof InvalidRequestError;
    if (!lasting) throw error;
    return error.message;
  }
};
