import {
  FEATURE_VIEWS_FILE,
  MANIFEST_FILE,
  type Manifest,
  ManifestSchema,
  MODEL_FILE,
  SIGNATURE_FILE,
  SignatureSchema,
} from '../../../shared/contracts/artifacts.ts';
import { OnlinePlanSchema } from '../../../shared/contracts/feature-views.ts';
import { parseJsonFile } from '../../../shared/contracts/json-file.ts';
import type { VersionEvidence } from '../../../shared/core/audit/index.ts';
import type { ArtifactStore } from '../../../shared/ports/artifact-store.ts';
import type { FetchedModel } from '../../../shared/ports/model-source.ts';
import { DigestMismatchError, type Pins, requireUntampered, verified } from '../load-served-model.ts';

export interface PackageDeps {
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  /** What is stored of a version, beside what the audit log says of it. */
  readEvidence(model: string, version: number): Promise<VersionEvidence | undefined>;
}

/** What a version's package holds, by the manifest whose digest the registry answers for. @throws DigestMismatchError */
export const readManifest = async ({ artifacts }: Pick<PackageDeps, 'artifacts'>, pins: Pins): Promise<Manifest> => {
  const bytes = verified(
    MANIFEST_FILE,
    await artifacts.get(`${pins.artifactPrefix}${MANIFEST_FILE}`),
    pins.manifestDigest,
  );
  return parseJsonFile(ManifestSchema, bytes, MANIFEST_FILE);
};

/**
 * A packaged version, whole and as it was registered and approved.
 * @throws DigestMismatchError
 * @throws TamperedVersionError
 */
export const fetchPackage = async (deps: PackageDeps, model: string, pins: Pins): Promise<FetchedModel> => {
  const { artifacts, readEvidence } = deps;
  const { version, artifactPrefix, modelDigest } = pins;
  const evidenceOf = (asked: number) => readEvidence(model, asked);
  const untampered = requireUntampered({ model, readEvidence: evidenceOf }, pins);
  const [manifest] = await Promise.all([readManifest(deps, pins), untampered]);
  const files = new Map(
    await Promise.all(
      Object.entries(manifest.files).map(async ([file, { sha256: expected }]) => {
        const bytes = await artifacts.get(`${artifactPrefix}${file}`);
        return [file, verified(file, bytes, file === MODEL_FILE ? modelDigest : expected)] as const;
      }),
    ),
  );
  const [bytes, signature] = [files.get(MODEL_FILE), files.get(SIGNATURE_FILE)];
  if (bytes === undefined || signature === undefined) {
    throw new DigestMismatchError(`the manifest of version ${version} of ${model} lists no model or no signature`);
  }
  const views = files.get(FEATURE_VIEWS_FILE);
  const onlinePlan = views && parseJsonFile(OnlinePlanSchema, views, FEATURE_VIEWS_FILE);
  return {
    bytes: new Uint8Array(bytes),
    digest: modelDigest,
    signature: parseJsonFile(SignatureSchema, signature, SIGNATURE_FILE),
    ...(onlinePlan === undefined ? {} : { onlinePlan }),
  };
};
