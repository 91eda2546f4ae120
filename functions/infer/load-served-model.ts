import { createHash } from 'node:crypto';
import {
  MANIFEST_FILE,
  type Manifest,
  ManifestSchema,
  MODEL_FILE,
  SIGNATURE_FILE,
  type Signature,
  SignatureSchema,
} from '../../shared/contracts/artifacts.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type VersionEvidence, versionFault } from '../../shared/core/audit/index.ts';
import { UnavailableError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { LoadedModel, ModelRuntime } from '../../shared/ports/model-runtime.ts';

export interface ServedModel {
  readonly version: number;
  readonly modelDigest: string;
  readonly signature: Signature;
  readonly runtime: LoadedModel;
}

/** What a published version's environment pins; undefined on the version that waits for a first model. */
export interface Pins {
  readonly version: number;
  readonly modelDigest: string;
  readonly manifestDigest: string;
  readonly artifactPrefix: string;
}

/** The bytes are not those that were registered: nothing is served from them. */
export class DigestMismatchError extends Error {
  override readonly name = 'DigestMismatchError';
}

/** The version's item or the audit record about it is not what was written: nothing is served on its word. */
export class TamperedVersionError extends Error {
  override readonly name = 'TamperedVersionError';
}

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const verified = (file: string, bytes: Uint8Array, expected: string | undefined): Uint8Array => {
  const actual = sha256(bytes);
  if (actual === expected) return bytes;
  throw new DigestMismatchError(`${file} has digest ${actual}, registered is ${expected ?? 'none'}`);
};

const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** The four variables that `publish-version` adds, all or none. */
export const readPins = (env: Readonly<Record<string, string | undefined>>): Pins | undefined => {
  const { MODEL_VERSION, MODEL_DIGEST, MANIFEST_DIGEST, ARTIFACT_PREFIX } = env;
  if (!MODEL_VERSION || !MODEL_DIGEST || !MANIFEST_DIGEST || !ARTIFACT_PREFIX) return undefined;
  return {
    version: Number(MODEL_VERSION),
    modelDigest: MODEL_DIGEST,
    manifestDigest: MANIFEST_DIGEST,
    artifactPrefix: ARTIFACT_PREFIX,
  };
};

interface LoadDeps {
  readonly model: string;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly runtime: ModelRuntime;
  /** What is stored of a version, beside what the audit log says of it. */
  readonly readEvidence: (version: number) => Promise<VersionEvidence | undefined>;
}

const requireUntampered = async ({ model, readEvidence }: LoadDeps, pins: Pins): Promise<void> => {
  const fault = versionFault(model, pins, await readEvidence(pins.version), sha256);
  if (fault !== undefined) throw new TamperedVersionError(`version ${pins.version} of ${model}: ${fault}`);
};

/** The files beside those that serving needs: a version that is not whole is not served. */
const requireOthersWhole = async (
  { artifacts }: LoadDeps,
  { artifactPrefix }: Pins,
  manifest: Manifest,
): Promise<void> => {
  const others = Object.entries(manifest.files).filter(([file]) => file !== MODEL_FILE && file !== SIGNATURE_FILE);
  await Promise.all(
    others.map(async ([file, { sha256: expected }]) =>
      verified(file, await artifacts.get(`${artifactPrefix}${file}`), expected),
    ),
  );
};

/**
 * Fetches a model version's files side by side, verifies each against the manifest, the manifest against the pinned
 * digest and the version's item against the audit log, and loads the model.
 * @throws DigestMismatchError
 * @throws TamperedVersionError
 */
export const loadServedModel = async (deps: LoadDeps, pins: Pins): Promise<ServedModel> => {
  const { artifacts, runtime } = deps;
  const { version, modelDigest, manifestDigest, artifactPrefix } = pins;
  const fetched = Promise.all(
    [MANIFEST_FILE, SIGNATURE_FILE, MODEL_FILE].map((file) => artifacts.get(`${artifactPrefix}${file}`)),
  );
  const [files] = await Promise.all([fetched, requireUntampered(deps, pins)]);
  const [manifestBytes, signatureBytes, modelBytes] = files as [Uint8Array, Uint8Array, Uint8Array];
  const manifest = parse(ManifestSchema, json(verified(MANIFEST_FILE, manifestBytes, manifestDigest)), MANIFEST_FILE);
  verified(MODEL_FILE, modelBytes, modelDigest);
  verified(SIGNATURE_FILE, signatureBytes, manifest.files[SIGNATURE_FILE]?.sha256);
  await requireOthersWhole(deps, pins, manifest);
  const signature = parse(SignatureSchema, json(signatureBytes), SIGNATURE_FILE);
  return { version, modelDigest, signature, runtime: await runtime.load(modelBytes) };
};

/** The pinned model cannot be served. Not the caller's mistake, whatever caused it: the invocation fails. */
export class ModelLoadError extends Error {
  override readonly name = 'ModelLoadError';
}

/** The pinned model cannot be fetched now: nothing is wrong with it, and the next request may find it. */
export class ModelUnavailableError extends Error {
  override readonly name = 'ModelUnavailableError';
}

/** Loads once for all requests of this environment, from its cold start on; a failed load is tried again by the next request. */
export const createServedModel = (
  load: (() => Promise<ServedModel>) | undefined,
): (() => Promise<ServedModel | undefined>) => {
  let loading: Promise<ServedModel> | undefined;
  const attempt = async (): Promise<ServedModel | undefined> => {
    if (load === undefined) return undefined;
    loading ??= load();
    try {
      return await loading;
    } catch (cause) {
      loading = undefined;
      const why = `the pinned model was not loaded: ${cause instanceof Error ? cause.message : cause}`;
      throw new (cause instanceof UnavailableError ? ModelUnavailableError : ModelLoadError)(why, { cause });
    }
  };
  attempt().catch(() => undefined);
  return attempt;
};
