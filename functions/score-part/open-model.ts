import { createHash } from 'node:crypto';
import { loadStoredModel } from '../../shared/adapters/s3/stored-model.ts';
import type { Signature } from '../../shared/contracts/artifacts.ts';
import type { ScoringJob } from '../../shared/contracts/batch-scoring.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { LoadedModel, ModelRuntime } from '../../shared/ports/model-runtime.ts';

export interface OpenedModel {
  readonly loaded: LoadedModel;
  readonly inputs: Signature['inputs'];
}

/** @throws InvalidStateError when the stored bytes are not those that the job was asked for. */
export const openModel = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  runtime: ModelRuntime,
  { model, version, modelDigest, artifactPrefix }: ScoringJob,
): Promise<OpenedModel> => {
  const { bytes, signature } = await loadStoredModel(artifacts, artifactPrefix);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== modelDigest) {
    throw new InvalidStateError(
      `the model of ${model}@${version} must have the digest ${modelDigest}, it has ${digest}`,
    );
  }
  return { loaded: await runtime.load(bytes), inputs: signature.inputs };
};
