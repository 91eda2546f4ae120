import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { datasetSnapshotNode, modelVersionNode, runNode } from '../../contracts/lineage.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { ModelRegistry, NewPackage } from '../../ports/model-registry.ts';
import { changeVersion } from './change-version.ts';
import { guardedUpdate } from './guarded-update.ts';
import { modelKey } from './keys.ts';
import { edgeActions } from './lineage-edge.ts';
import { findStoredModel } from './registered-models.ts';
import type { RegistryContext } from './registry-context.ts';

/** Versions that clients registered: their way to a package, under the number that they have. */

type ClientPackages = Pick<ModelRegistry, 'packageVersion' | 'notePackaging'>;

/** The model as one that rollouts serve from now on, if it is still there and still the same. */
const servedModel = async (
  context: RegistryContext,
  { model, owner, atMs }: NewPackage,
): Promise<TransactWriteItem> => {
  const stored = await findStoredModel(context, model);
  if (stored === undefined) throw new NotFoundError(`model ${JSON.stringify(model)} does not exist any more`);
  const { fields } = stored;
  const updatedAtMs = Math.max(fields.updatedAtMs ?? 0, atMs);
  return guardedUpdate({
    table: context.registryTable,
    key: modelKey(model),
    before: { ...fields },
    after: { ...fields, owner: fields.packaged ? fields.owner : owner, packaged: true, updatedAtMs },
    relied: ['home', 'packaged'],
  });
};

export const clientPackages = (context: RegistryContext): ClientPackages => ({
  packageVersion: (made, admit) => {
    const { model, version, runId, owner: _owner, principal, atMs, tag, submittedBy, ...pack } = made;
    return changeVersion(
      context,
      `packaging ${model}@${version}`,
      { model, version },
      async ({ version: standing, fields }) => {
        if (standing.modelDigest !== undefined) {
          if (standing.runId === runId || standing.modelDigest === made.modelDigest) return undefined;
        }
        admit(standing);
        const { modelDigest, manifestDigest, datasetSnapshot, trackingRunId, ...rest } = pack;
        const run = runNode(model, runId);
        return {
          fields: {
            ...rest,
            status: 'PENDING_APPROVAL',
            runId,
            trackingRunId: standing.runId ?? trackingRunId,
            modelDigest,
            manifestDigest,
            datasetSnapshot,
            submittedBy: standing.userId ?? submittedBy,
            packaging: { state: 'PACKAGED', runId, atMs },
            tags: { ...fields.tags, [tag]: 'PACKAGED' },
            // What serves is what is loaded by the version's number from now on.
            storageLocation: undefined,
            updatedAtMs: Math.max(standing.updatedAtMs, atMs),
          },
          checks: [
            await servedModel(context, made),
            ...edgeActions(context, {
              upstream: datasetSnapshotNode(datasetSnapshot),
              downstream: run,
              recordedAtMs: atMs,
            }),
            ...edgeActions(context, {
              upstream: run,
              downstream: modelVersionNode(model, version),
              recordedAtMs: atMs,
            }),
          ],
          entry: {
            action: 'package version',
            principal,
            atMs,
            before: { status: standing.status, source: standing.source },
            after: { status: 'PENDING_APPROVAL', runId, modelDigest, manifestDigest },
          },
        };
      },
    );
  },

  notePackaging: async ({ model, version, tag, atMs }, decide) => {
    try {
      await changeVersion(
        context,
        `noting the packaging of ${model}@${version}`,
        { model, version },
        ({ version: standing, fields }) => {
          const packaging = decide(standing);
          if (packaging === undefined) return undefined;
          const updatedAtMs = Math.max(standing.updatedAtMs, atMs);
          return {
            fields: { packaging, tags: { ...fields.tags, [tag]: packaging.state }, updatedAtMs },
            entry: { action: 'note packaging', principal: `workflow:${packaging.runId}`, atMs },
          };
        },
      );
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
    }
  },
});
