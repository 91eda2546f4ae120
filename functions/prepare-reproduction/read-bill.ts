import { createHash } from 'node:crypto';
import { MANIFEST_FILE, ManifestSchema } from '../../shared/contracts/artifacts.ts';
import {
  BILL_OF_MATERIALS_FILE,
  type BillOfMaterials,
  BillOfMaterialsSchema,
} from '../../shared/contracts/bill-of-materials.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import type { PackagedVersion } from '../../shared/core/registry/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * A version's bill of materials, checked against its manifest, which is checked against the registry.
 * @throws InvalidStateError for a version that has none, was uploaded or came from another stage, and for bytes that were
 * changed.
 */
export const readBill = async (
  {
    artifacts,
    registry,
  }: { readonly artifacts: Pick<ArtifactStore, 'get'>; readonly registry: Pick<ModelRegistry, 'getRun'> },
  stored: PackagedVersion,
): Promise<BillOfMaterials> => {
  const { model, version, artifactPrefix, manifestDigest, origin } = stored;
  if (origin !== undefined) {
    throw new InvalidStateError(
      `${model}@${version} was promoted from ${origin.stage}: reproduce ${model}@${origin.version} there, where its data is`,
    );
  }
  const run = await registry.getRun(model, stored.runId);
  if (run?.cause.kind === 'upload' || run?.cause.kind === 'client-version') {
    throw new InvalidStateError(`${model}@${version} was brought as a file: there is nothing to train it from`);
  }
  const manifestBytes = await artifacts.get(`${artifactPrefix}${MANIFEST_FILE}`);
  if (sha256(manifestBytes) !== manifestDigest) {
    throw new InvalidStateError(`${artifactPrefix}${MANIFEST_FILE} is not the manifest of ${model}@${version}`);
  }
  const entry = parseJsonFile(ManifestSchema, manifestBytes, MANIFEST_FILE).files[BILL_OF_MATERIALS_FILE];
  if (entry === undefined) {
    throw new InvalidStateError(
      `${model}@${version} has no bill of materials: it was not trained by a pipeline of this release or a later one`,
    );
  }
  const bytes = await artifacts.get(`${artifactPrefix}${BILL_OF_MATERIALS_FILE}`);
  if (sha256(bytes) !== entry.sha256) {
    throw new InvalidStateError(`${artifactPrefix}${BILL_OF_MATERIALS_FILE} is not what its manifest says`);
  }
  return parseJsonFile(BillOfMaterialsSchema, bytes, BILL_OF_MATERIALS_FILE);
};
