import { METRICS_FILE, MODEL_FILE, runPrefix, SIGNATURE_FILE, uploadKey } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { CheckUploadInput, phaseModelPrefix } from '../../shared/contracts/training-workflow.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRuntime } from '../../shared/ports/model-runtime.ts';
import { tryModel } from './try-model.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly runtime: ModelRuntime;
}

/**
 * Checks a model that somebody brought, runs it on a few rows, and lays it where a trainer's models lie: the steps that
 * judge, profile and register a trained model do the rest. Run again it writes the same.
 * @throws InvalidRequestError with every reason why it cannot be served.
 */
export const createHandler =
  ({ definitions, artifacts, runtime }: Deps) =>
  async (event: unknown): Promise<{ readonly sizeBytes: number }> => {
    const { model, runId, uploadId } = parse(CheckUploadInput, event);
    const definition = definitionOf(definitions, model);
    const bytes = await artifacts.get(uploadKey(model, uploadId));
    const signature = toJsonFile(await tryModel(runtime, bytes, definition));
    // The same model is candidate and final: nothing is learnt again once it passed.
    for (const phase of ['candidate', 'refit'] as const) {
      const prefix = `${runPrefix(model, runId)}${phaseModelPrefix(phase)}`;
      await Promise.all([
        artifacts.put(`${prefix}${MODEL_FILE}`, bytes),
        artifacts.put(`${prefix}${SIGNATURE_FILE}`, signature, 'application/json'),
        artifacts.put(`${prefix}${METRICS_FILE}`, toJsonFile({}), 'application/json'),
      ]);
    }
    return { sizeBytes: bytes.byteLength };
  };
