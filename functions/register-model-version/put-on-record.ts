import type * as v from 'valibot';
import type { RegisterModelVersionInput } from '../../shared/contracts/training-workflow.ts';
import { trackingRunId } from '../../shared/core/packaging/index.ts';
import { type ModelVersion, PACKAGING_TAG, requireUnpackaged } from '../../shared/core/registry/index.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { sha256OfText } from './verify-files.ts';

/** Within the function's timeout; contention beyond it is retried by the workflow. */
const CONTENTION_MS = 40_000;

/** Registers what a run made: as the next version, or as the package of the version that a client registered. */
export const putOnRecord = (
  registry: Pick<ModelRegistry, 'registerVersion' | 'packageVersion'>,
  input: v.InferOutput<typeof RegisterModelVersionInput>,
  { owner, atMs }: { readonly owner: string; readonly atMs: number },
): Promise<ModelVersion> => {
  const { snapshotId, origin, submittedBy, client, notes, ...run } = input;
  const principal = origin === undefined ? (submittedBy ?? `workflow:train-${run.model}`) : `promotion:${origin.stage}`;
  const made = { ...run, owner, principal, datasetSnapshot: snapshotId };
  const trackedAs = trackingRunId(run, sha256OfText);
  if (client) {
    const { version, registeredAtMs } = client;
    return registry.packageVersion(
      { ...made, version, atMs, trackingRunId: trackedAs, submittedBy: principal, tag: PACKAGING_TAG },
      (standing) => requireUnpackaged(standing, registeredAtMs),
    );
  }
  const registration = {
    ...made,
    registeredAtMs: atMs,
    ...notes,
    ...(submittedBy === undefined ? {} : { submittedBy }),
    ...(origin === undefined ? { trackingRunId: trackedAs } : { origin }),
  };
  return registry.registerVersion(registration, CONTENTION_MS);
};
