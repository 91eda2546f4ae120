import { hash } from 'node:crypto';
import {
  MANIFEST_FILE,
  type Manifest,
  ManifestSchema,
  MODEL_FILE,
  SIGNATURE_FILE,
  SignatureSchema,
} from '../../../shared/contracts/artifacts.ts';
import { parseJsonFile } from '../../../shared/contracts/json-file.ts';
import { type VersionEvidence, versionFault } from '../../../shared/core/audit/index.ts';
import type { ArtifactStore } from '../../../shared/ports/artifact-store.ts';
import type { FetchedModel } from '../../../shared/ports/model-source.ts';
import { DigestMismatchError, type Pins, TamperedVersionError } from '../load-served-model.ts';

export interface PackageDeps {
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  /** What is stored of a version, beside what the audit log says of it. */
  readEvidence(model: string, version: number): Promise<VersionEvidence | undefined>;
}

const sha256 = (bytes: Uint8Array | string): string => hash('sha256', bytes);

const verified = (file: string, bytes: Uint8Array, expected: string | undefined): Uint8Array => {
  const actual = sha256(bytes);
  if (actual === expected) return bytes;
  throw new DigestMismatchError(`${file} has digest ${actual}, registered is ${expected ?? 'none'}`);
};

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
  const [manifest, evidence] = await Promise.all([readManifest(deps, pins), readEvidence(model, version)]);
  const fault = versionFault(model, pins, evidence, sha256);
  if (fault !== undefined) throw new TamperedVersionError(`version ${version} of ${model}: ${fault}`);
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
  return {
    bytes: new Uint8Array(bytes),
    digest: modelDigest,
    signature: parseJsonFile(SignatureSchema, signature, SIGNATURE_FILE),
  };
};
