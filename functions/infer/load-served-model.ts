import { hash } from 'node:crypto';
import {
  EXPLANATION_FILE,
  FEATURE_VIEWS_FILE,
  MANIFEST_FILE,
  MODEL_FILE,
  REPORT_FILE,
  REPORT_PAGE_FILE,
  SIGNATURE_FILE,
} from '../../shared/contracts/artifact-files.ts';
import type { Manifest, Signature } from '../../shared/contracts/artifacts.ts';
import {
  DRIFT_CALIBRATION_FILE,
  DRIFT_REFERENCE_FILE,
  PERFORMANCE_REFERENCE_FILE,
} from '../../shared/contracts/monitoring-keys.ts';
import { type VersionEvidence, versionFault } from '../../shared/core/audit/index.ts';
import type { OnlinePlan } from '../../shared/core/features/index.ts';
import { UnavailableError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Engine, LoadedModel, ModelRuntime } from '../../shared/ports/model-runtime.ts';
import { predictNeutral } from './predict-neutral.ts';

export interface ServedModel {
  readonly version: number;
  readonly modelDigest: string;
  readonly signature: Signature;
  readonly runtime: LoadedModel;
  /** How its features are had from entities; undefined where callers bring them all. */
  readonly onlinePlan?: OnlinePlan;
}

/** What a published version's environment pins; undefined on the version that waits for a first model. */
export interface Pins {
  readonly version: number;
  readonly modelDigest: string;
  readonly manifestDigest: string;
  readonly artifactPrefix: string;
  /** What its operators are probably run by; undefined where nobody has told. */
  readonly engine?: Engine;
}

/** The bytes are not those that were registered: nothing is served from them. */
export class DigestMismatchError extends Error {
  override readonly name = 'DigestMismatchError';
}

/** The version's item or the audit record about it is not what was written: nothing is served on its word. */
export class TamperedVersionError extends Error {
  override readonly name = 'TamperedVersionError';
}

const sha256 = (bytes: Uint8Array | string): string => hash('sha256', bytes);

/** @throws DigestMismatchError unless these bytes are what is expected. */
export const verified = (file: string, bytes: Uint8Array, expected: string | undefined): Uint8Array => {
  const actual = sha256(bytes);
  if (actual === expected) return bytes;
  throw new DigestMismatchError(`${file} has digest ${actual}, registered is ${expected ?? 'none'}`);
};

const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** The bytes are those that were pinned, and what was registered was checked then: a cold start does not do it again. */
const manifestOf = (bytes: Uint8Array): Manifest => {
  const manifest = json(bytes) as Manifest;
  if (manifest.schemaVersion === 1) return manifest;
  throw new TypeError(`${MANIFEST_FILE} is of schema version ${manifest.schemaVersion}, only 1 is served`);
};

/** The variables that `publish-version` adds: four of them all or none. */
export const readPins = (env: Readonly<Record<string, string | undefined>>): Pins | undefined => {
  const { MODEL_VERSION, MODEL_DIGEST, MANIFEST_DIGEST, ARTIFACT_PREFIX, MODEL_ENGINE } = env;
  if (!MODEL_VERSION || !MODEL_DIGEST || !MANIFEST_DIGEST || !ARTIFACT_PREFIX) return undefined;
  return {
    version: Number(MODEL_VERSION),
    modelDigest: MODEL_DIGEST,
    manifestDigest: MANIFEST_DIGEST,
    artifactPrefix: ARTIFACT_PREFIX,
    ...(MODEL_ENGINE === 'onnxruntime' || MODEL_ENGINE === 'interpreter' ? { engine: MODEL_ENGINE } : {}),
  };
};

interface LoadDeps {
  readonly model: string;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly runtime: ModelRuntime;
  /** What is stored of a version, beside what the audit log says of it. */
  readonly readEvidence: (version: number) => Promise<VersionEvidence | undefined>;
}

/** @throws TamperedVersionError unless what is stored of the version is what the audit log says of it. */
export const requireUntampered = async (
  { model, readEvidence }: Pick<LoadDeps, 'model' | 'readEvidence'>,
  pins: Pins,
): Promise<void> => {
  const fault = versionFault(model, pins, await readEvidence(pins.version), sha256);
  if (fault !== undefined) throw new TamperedVersionError(`version ${pins.version} of ${model}: ${fault}`);
};

/** Verified by whoever reads them: the first request that wants an explanation, a person, the drift check. */
const READ_LATER = [
  EXPLANATION_FILE,
  REPORT_FILE,
  REPORT_PAGE_FILE,
  DRIFT_REFERENCE_FILE,
  DRIFT_CALIBRATION_FILE,
  PERFORMANCE_REFERENCE_FILE,
];
const FILES_IN_USE = [MODEL_FILE, SIGNATURE_FILE, FEATURE_VIEWS_FILE, ...READ_LATER];

/** The files beside those that serving needs: a version that is not whole is not served. */
const requireOthersWhole = async (
  { artifacts }: LoadDeps,
  { artifactPrefix }: Pins,
  manifest: Manifest,
): Promise<void> => {
  const others = Object.entries(manifest.files).filter(([file]) => !FILES_IN_USE.includes(file));
  await Promise.all(
    others.map(async ([file, { sha256: expected }]) =>
      verified(file, await artifacts.get(`${artifactPrefix}${file}`), expected),
    ),
  );
};

const loadOnlinePlan = async (
  { artifacts }: LoadDeps,
  { artifactPrefix }: Pins,
  { files }: Manifest,
): Promise<OnlinePlan | undefined> => {
  const standing = files[FEATURE_VIEWS_FILE];
  if (standing === undefined) return undefined;
  const bytes = await artifacts.get(`${artifactPrefix}${FEATURE_VIEWS_FILE}`);
  const plan = json(verified(FEATURE_VIEWS_FILE, bytes, standing.sha256));
  const { parseOnlinePlan } = await import('./parse-online-plan.ts');
  return parseOnlinePlan(plan);
};

/** Loads the model, and runs one neutral row: what an engine does at its first run is done before the first request. */
const loadWarm = async (runtime: ModelRuntime, bytes: Uint8Array, signature: Signature): Promise<LoadedModel> => {
  const loaded = await runtime.load(bytes);
  // A model that fails on such a row may well answer others: the request will tell.
  await predictNeutral(loaded, signature).catch(() => undefined);
  return loaded;
};

/**
 * Fetches a model version's files side by side, verifies each against the manifest, the manifest against the pinned
 * digest and the version's item against the audit log, and loads the model. Nothing waits but for what it needs: the
 * other files arrive while the model is loaded, so that verifying them costs no time of the first request.
 * @throws DigestMismatchError
 * @throws TamperedVersionError
 */
export const loadServedModel = async (deps: LoadDeps, pins: Pins): Promise<ServedModel> => {
  const { artifacts, runtime } = deps;
  const { version, modelDigest, manifestDigest, artifactPrefix } = pins;
  const [manifestBytes, signatureBytes, modelBytes] = [MANIFEST_FILE, SIGNATURE_FILE, MODEL_FILE].map((file) =>
    artifacts.get(`${artifactPrefix}${file}`),
  ) as [Promise<Uint8Array>, Promise<Uint8Array>, Promise<Uint8Array>];
  const untampered = requireUntampered(deps, pins);
  const manifest = manifestBytes.then((bytes) => manifestOf(verified(MANIFEST_FILE, bytes, manifestDigest)));
  const signature = Promise.all([manifest, signatureBytes]).then(
    ([{ files }, bytes]) => json(verified(SIGNATURE_FILE, bytes, files[SIGNATURE_FILE]?.sha256)) as Signature,
  );
  const loaded = Promise.all([modelBytes, signature]).then(([bytes, read]) =>
    loadWarm(runtime, verified(MODEL_FILE, bytes, modelDigest), read),
  );
  const whole = manifest.then((read) => requireOthersWhole(deps, pins, read));
  const planned = manifest.then((read) => loadOnlinePlan(deps, pins, read));
  try {
    await Promise.all([signature, loaded, whole, planned, untampered]);
  } catch (error) {
    // Another attempt loads it again.
    loaded.then((model) => model.release()).catch(() => undefined);
    throw error;
  }
  const onlinePlan = await planned;
  const served = { version, modelDigest, signature: await signature, runtime: await loaded };
  return onlinePlan === undefined ? served : { ...served, onlinePlan };
};

/** The pinned model cannot be served. Not the caller's mistake, whatever caused it: the invocation fails. */
export class ModelLoadError extends Error {
  override readonly name = 'ModelLoadError';
}

/** The pinned model cannot be fetched now: nothing is wrong with it, and the next request may find it. */
export class ModelUnavailableError extends Error {
  override readonly name = 'ModelUnavailableError';
}

/**
 * Loads once for all requests of this environment, from its cold start on; a failed load is tried again by the next
 * request. What is loaded is given at once, without a turn of the event loop.
 */
export const createServedModel = (
  load: (() => Promise<ServedModel>) | undefined,
): (() => ServedModel | undefined | Promise<ServedModel | undefined>) => {
  if (load === undefined) return () => undefined;
  let loaded: ServedModel | undefined;
  let loading: Promise<ServedModel> | undefined;
  const attempt = async (): Promise<ServedModel> => {
    loading ??= load();
    try {
      loaded = await loading;
      return loaded;
    } catch (cause) {
      loading = undefined;
      const why = `the pinned model was not loaded: ${cause instanceof Error ? cause.message : cause}`;
      throw new (cause instanceof UnavailableError ? ModelUnavailableError : ModelLoadError)(why, { cause });
    }
  };
  attempt().catch(() => undefined);
  return () => loaded ?? attempt();
};
