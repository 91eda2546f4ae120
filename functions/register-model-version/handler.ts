import { MANIFEST_FILE, ManifestSchema } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { RegisterModelVersionInput } from '../../shared/contracts/training-workflow.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { putOnRecord } from './put-on-record.ts';
import { sha256, verifyFiles } from './verify-files.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly registry: Pick<ModelRegistry, 'registerVersion' | 'packageVersion'>;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/**
 * Registers the run's model as the next version, or as the package of a version that a client registered. The run's id
 * makes it idempotent: run again, it returns the version that the run has and publishes the event again, in case the
 * first was lost.
 */
export const createHandler =
  ({ definitions, artifacts, registry, events, clock }: Deps) =>
  async (event: unknown): Promise<{ readonly version: number }> => {
    const input = parse(RegisterModelVersionInput, event);
    const { model, runId, artifactPrefix, manifestDigest, modelDigest, origin } = input;
    const { owner } = definitionOf(definitions, model);
    const bytes = await artifacts.get(`${artifactPrefix}${MANIFEST_FILE}`);
    const digest = sha256(bytes);
    const manifest = parseJsonFile(ManifestSchema, bytes, MANIFEST_FILE);
    if (digest !== manifestDigest || manifest.modelDigest !== modelDigest || manifest.model !== model) {
      throw new InvalidStateError(`${artifactPrefix}${MANIFEST_FILE} is not the manifest of run ${runId}`);
    }
    // What a run places it has just written by these digests; what a person brings may be anything.
    if (origin !== undefined) await verifyFiles(artifacts, artifactPrefix, manifest);
    const { version } = await putOnRecord(registry, input, { owner, atMs: clock.nowMs() });
    await events.publish('Model Version Registered', { model, version, runId });
    return { version };
  };
