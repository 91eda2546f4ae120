import { MODEL_FILE, uploadFaultsKey, uploadKey } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { CheckUploadInput } from '../../shared/contracts/training-workflow.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRuntime } from '../../shared/ports/model-runtime.ts';
import { type FetchDeps, fetchClientModel } from './fetch-client-model.ts';
import { layModel } from './lay-model.ts';
import { type Notes, readNotes } from './read-notes.ts';
import { tryModel } from './try-model.ts';

interface Deps extends FetchDeps {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put' | 'list'>;
  readonly runtime: ModelRuntime;
}

/**
 * Checks a model that somebody brought, or that an MLflow client registered, runs it on a few rows, and lays it where a
 * trainer's models lie: the steps that judge, profile and register a trained model do the rest. Run again it writes the
 * same.
 * @throws InvalidRequestError when it cannot be served; every reason stands in a file beside the upload.
 */
export const createHandler =
  (deps: Deps) =>
  async (event: unknown): Promise<{ readonly sizeBytes: number; readonly notes: Notes | null }> => {
    const { definitions, artifacts, runtime } = deps;
    const { model, runId, uploadId, client } = parse(CheckUploadInput, event);
    const definition = definitionOf(definitions, model);
    const brought = client
      ? await fetchClientModel(deps, model, client)
      : { bytes: await artifacts.get(uploadKey(model, uploadId)) };
    const trial = await tryModel(runtime, brought, definition);
    if ('faults' in trial) {
      const { faults } = trial;
      await artifacts.put(
        uploadFaultsKey(model, uploadId),
        toJsonFile({ schemaVersion: 1, faults }),
        'application/json',
      );
      throw new InvalidRequestError(`${MODEL_FILE} cannot be served: ${faults.join('; ')}`);
    }
    await layModel(artifacts, { model, runId }, { bytes: brought.bytes, signature: trial.signature });
    return { sizeBytes: brought.bytes.byteLength, notes: client ? null : await readNotes(artifacts, model, uploadId) };
  };
