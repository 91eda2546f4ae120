import { createArtifactStore, createS3Client } from '../../../shared/adapters/s3/artifact-store.ts';
import { readEnv } from '../../../shared/contracts/env.ts';
import type { RowExplainer } from '../../../shared/core/inference/index.ts';
import { InvalidRequestError } from '../../../shared/kernel/errors.ts';
import { createExplainServed } from '../explain-predictions.ts';
import type { Pins } from '../load-served-model.ts';
import type { FoundModel } from './model-finder.ts';

export type ExplainFound = (model: FoundModel) => Promise<RowExplainer>;

/** Explains the predictions of the version that a server is pinned to, as the function of one version does. */
export const openExplaining = (env: Readonly<Record<string, string | undefined>>, pins: Pins): ExplainFound => {
  const { ARTIFACT_BUCKET: bucket } = readEnv(['ARTIFACT_BUCKET'], env);
  const explain = createExplainServed(createArtifactStore({ client: createS3Client(), bucket }), pins);
  return async ({ name, placement: { version, signature, inputs }, run }) => {
    if (signature === undefined)
      throw new InvalidRequestError(`predictions of ${name} are not explained: it has no signature`);
    return explain({ version: Number(version), signature, runtime: { inputs, run } });
  };
};
