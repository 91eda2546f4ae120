import { hash } from 'node:crypto';
import { MODEL_FILE } from '../../shared/contracts/artifacts.ts';
import type { PinnedModel } from '../../shared/core/deployment/index.ts';
import { interpretModel } from '../../shared/core/interpreter/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Engine } from '../../shared/ports/model-runtime.ts';

/** Of a larger one nobody waits for the engine, but for its bytes. */
const LARGEST_READ_BYTES = 32 * 1024 * 1024;

type Artifacts = Pick<ArtifactStore, 'get' | 'list'>;

/**
 * Finds out what will run a model, from its own graph, so that a cold start prepares it while the model is on its way.
 * @returns undefined for a model that is not looked at: one that is large, gone, or not what was registered, of which the
 * smoke test will tell.
 * @throws UnavailableError
 */
export const engineOf = async (
  artifacts: Artifacts,
  { artifactPrefix, modelDigest }: Pick<PinnedModel, 'artifactPrefix' | 'modelDigest'>,
): Promise<Engine | undefined> => {
  const wanted = `${artifactPrefix}${MODEL_FILE}`;
  const file = (await artifacts.list(wanted)).find(({ key }) => key === wanted);
  if (file === undefined || file.sizeBytes > LARGEST_READ_BYTES) return undefined;
  const bytes = await artifacts.get(wanted);
  if (hash('sha256', bytes) !== modelDigest) return undefined;
  return 'model' in interpretModel(bytes) ? 'interpreter' : 'onnxruntime';
};
