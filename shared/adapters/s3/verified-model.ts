import { createHash } from 'node:crypto';
import type { Signature } from '../../contracts/artifacts.ts';
import { InvalidStateError } from '../../kernel/errors.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';
import type { LoadedModel, ModelRuntime } from '../../ports/model-runtime.ts';
import { loadStoredModel } from './stored-model.ts';

/** A model that is loaded to be asked beside the traffic. */
export interface VerifiedModel extends Pick<LoadedModel, 'predict' | 'release'> {
  readonly signature: Signature;
}

interface Package {
  readonly model: string;
  readonly version: number;
  readonly modelDigest: string;
  readonly artifactPrefix: string;
}

/** @throws NotFoundError, and InvalidStateError when the stored bytes are not those that were registered. */
export const loadVerifiedModel = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  runtime: ModelRuntime,
  { model, version, modelDigest, artifactPrefix }: Package,
): Promise<VerifiedModel> => {
  const { bytes, signature } = await loadStoredModel(artifacts, artifactPrefix);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== modelDigest) {
    throw new InvalidStateError(
      `the model of ${model}@${version} must have the digest ${modelDigest}, it has ${digest}`,
    );
  }
  const loaded = await runtime.load(bytes);
  return {
    signature,
    predict: (columns, rowCount) => loaded.predict(columns, rowCount),
    release: () => loaded.release(),
  };
};
