import { createHash } from 'node:crypto';
import {
  MANIFEST_FILE,
  ManifestSchema,
  MODEL_FILE,
  SIGNATURE_FILE,
  type Signature,
  SignatureSchema,
} from '../../shared/contracts/artifacts.ts';
import { parse } from '../../shared/contracts/parse.ts';
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

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

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

/**
 * Fetches a model version's files side by side, verifies each against the manifest and the manifest against the
 * pinned digest, and loads the model.
 * @throws DigestMismatchError
 */
export const loadServedModel = async (
  artifacts: ArtifactStore,
  runtime: ModelRuntime,
  pins: Pins,
): Promise<ServedModel> => {
  const { version, modelDigest, manifestDigest, artifactPrefix } = pins;
  const [manifestBytes, signatureBytes, modelBytes] = (await Promise.all(
    [MANIFEST_FILE, SIGNATURE_FILE, MODEL_FILE].map((file) => artifacts.get(`${artifactPrefix}${file}`)),
  )) as [Uint8Array, Uint8Array, Uint8Array];
  const manifest = parse(ManifestSchema, json(verified(MANIFEST_FILE, manifestBytes, manifestDigest)), MANIFEST_FILE);
  verified(MODEL_FILE, modelBytes, modelDigest);
  verified(SIGNATURE_FILE, signatureBytes, manifest.files[SIGNATURE_FILE]?.sha256);
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
