import { MANIFEST_FILE, ManifestSchema } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { RegisterModelVersionInput } from '../../shared/contracts/training-workflow.ts';
import { trackingRunId } from '../../shared/core/packaging/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { sha256, sha256OfText, verifyFiles } from './verify-files.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly registry: Pick<ModelRegistry, 'registerVersion'>;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/** Within the function's timeout; contention beyond it is retried by the workflow. */
const CONTENTION_MS = 40_000;

/**
 * Registers the run's model as the next version. The run's id makes it idempotent: run again, it returns the version
 * that the run has and publishes the event again, in case the first was lost.
 */
export const createHandler =
  ({ definitions, artifacts, registry, events, clock }: Deps) =>
  async (event: unknown): Promise<{ readonly version: number }> => {
    const { snapshotId, origin, submittedBy, ...input } = parse(RegisterModelVersionInput, event);
    const { model, runId, artifactPrefix, manifestDigest, modelDigest } = input;
    const { owner } = definitionOf(definitions, model);
    const bytes = await artifacts.get(`${artifactPrefix}${MANIFEST_FILE}`);
    const digest = sha256(bytes);
    const manifest = parseJsonFile(ManifestSchema, bytes, MANIFEST_FILE);
    if (digest !== manifestDigest || manifest.modelDigest !== modelDigest || manifest.model !== model) {
      throw new InvalidStateError(`${artifactPrefix}${MANIFEST_FILE} is not the manifest of run ${runId}`);
    }
    // What a run places it has just written by these digests; what a person brings may be anything.
    if (origin !== undefined) await verifyFiles(artifacts, artifactPrefix, manifest);
    const registration = {
      ...input,
      owner,
      principal: origin === undefined ? (submittedBy ?? `workflow:train-${model}`) : `promotion:${origin.stage}`,
      datasetSnapshot: snapshotId,
      registeredAtMs: clock.nowMs(),
      ...(submittedBy === undefined ? {} : { submittedBy }),
      ...(origin === undefined ? { trackingRunId: trackingRunId(input, sha256OfText) } : { origin }),
    };
    const { version } = await registry.registerVersion(registration, CONTENTION_MS);
    await events.publish('Model Version Registered', { model, version, runId });
    return { version };
  };
