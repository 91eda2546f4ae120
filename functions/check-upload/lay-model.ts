import {
  METRICS_FILE,
  MODEL_FILE,
  runPrefix,
  SIGNATURE_FILE,
  type Signature,
} from '../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { phaseModelPrefix } from '../../shared/contracts/training-workflow.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

const JSON_TYPE = 'application/json';

/** Lays a model where a trainer's models lie. The same is candidate and final: nothing is learnt again once it passed. */
export const layModel = async (
  artifacts: Pick<ArtifactStore, 'put'>,
  { model, runId }: { readonly model: string; readonly runId: string },
  { bytes, signature }: { readonly bytes: Uint8Array; readonly signature: Signature },
): Promise<void> => {
  for (const phase of ['candidate', 'refit'] as const) {
    const prefix = `${runPrefix(model, runId)}${phaseModelPrefix(phase)}`;
    await Promise.all([
      artifacts.put(`${prefix}${MODEL_FILE}`, bytes),
      artifacts.put(`${prefix}${SIGNATURE_FILE}`, toJsonFile(signature), JSON_TYPE),
      artifacts.put(`${prefix}${METRICS_FILE}`, toJsonFile({}), JSON_TYPE),
    ]);
  }
};
