import { createHash } from 'node:crypto';
import {
  MANIFEST_FILE,
  type Manifest,
  ManifestSchema,
  MODEL_FILE,
  modelArtifactPrefix,
} from '../../shared/contracts/artifacts.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { type PackagedVersion, requirePackaged } from '../../shared/core/registry/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

/** Where a version comes from. */
export interface SourceStage {
  readonly name: string;
  readonly registry: Pick<ModelRegistry, 'getVersion'>;
  readonly artifacts: Pick<ArtifactStore, 'get'>;
}

/** Where it goes: its own functions register it and decide about it, as they do for a version that was trained there. */
export interface TargetStage {
  readonly name: string;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'putIfAbsent'>;
  /** Invokes a function of the stage by its folder. @throws what the function throws. */
  readonly invoke: (folder: 'register-model-version' | 'decide-approval', payload: object) => Promise<unknown>;
}

export interface Promotion {
  /** The version's number in the target. */
  readonly version: number;
  /** What the target's approval rules did: `approve`, `ask`, `announce` (approved before) or `leave` (rejected before). */
  readonly step: string;
  readonly fileCount: number;
  readonly sizeBytes: number;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const requireDigest = (place: string, bytes: Uint8Array, expected: string, says: string): void => {
  const found = sha256(bytes);
  if (found !== expected) throw new InvalidStateError(`${place} has the digest ${found}, ${says} says ${expected}`);
};

/** Every file of a version, each found to have the bytes that registry and manifest name. */
const readVerified = async (
  { name, artifacts }: SourceStage,
  version: PackagedVersion,
): Promise<{ readonly manifestBytes: Uint8Array; readonly files: ReadonlyMap<string, Uint8Array> }> => {
  const { model, modelDigest, manifestDigest, artifactPrefix } = version;
  const at = (file: string): string => `${name}: ${artifactPrefix}${file}`;
  if (artifactPrefix !== modelArtifactPrefix(model, modelDigest)) {
    throw new InvalidStateError(`${name}: ${artifactPrefix} is not where the digest ${modelDigest} belongs`);
  }
  const manifestBytes = await artifacts.get(`${artifactPrefix}${MANIFEST_FILE}`);
  requireDigest(at(MANIFEST_FILE), manifestBytes, manifestDigest, 'the registry');
  const manifest: Manifest = parseJsonFile(ManifestSchema, manifestBytes, MANIFEST_FILE);
  const inManifest = manifest.files[MODEL_FILE]?.sha256;
  if (manifest.model !== model || manifest.modelDigest !== modelDigest || inManifest !== modelDigest) {
    throw new InvalidStateError(`${at(MANIFEST_FILE)} is not the manifest of ${model}@${version.version}`);
  }
  const files = new Map<string, Uint8Array>();
  for (const [file, { sha256: expected }] of Object.entries(manifest.files)) {
    const bytes = await artifacts.get(`${artifactPrefix}${file}`);
    requireDigest(at(file), bytes, expected, 'its manifest');
    files.set(file, bytes);
  }
  return { manifestBytes, files };
};

/** Writes a file unless it is there, and reads back what is there. */
const placeVerified = async ({ name, artifacts }: TargetStage, key: string, bytes: Uint8Array): Promise<void> => {
  const contentType = key.endsWith('.json') ? 'application/json' : 'application/octet-stream';
  await artifacts.putIfAbsent(key, bytes, contentType);
  requireDigest(`${name}: ${key}`, await artifacts.get(key), sha256(bytes), 'the version that is promoted');
};

/**
 * Brings an approved version of one stage to another as a new version there, with its origin in its lineage. Every digest
 * is computed anew: of what the source gives, of what the target has, and once more by the target's own function before
 * it registers. Done again it changes nothing and gives the same version.
 * @throws InvalidStateError for a version that is not approved, and for bytes that are not what their digest says, by
 * stage and key.
 */
export const promoteVersion = async (
  { model, version }: { readonly model: string; readonly version: number },
  source: SourceStage,
  target: TargetStage,
): Promise<Promotion> => {
  const promoted = requirePackaged(await source.registry.getVersion(model, version), 'promoted');
  if (promoted.status !== 'APPROVED') {
    throw new InvalidStateError(
      `${model}@${version} is ${promoted.status} in ${source.name}: only what is approved there can be promoted`,
    );
  }
  const { manifestBytes, files } = await readVerified(source, promoted);
  const { modelDigest, manifestDigest, artifactPrefix, metrics, trainedThroughMs, datasetSnapshot } = promoted;
  for (const [file, bytes] of files) await placeVerified(target, `${artifactPrefix}${file}`, bytes);
  // Last: a manifest stands for files that are there.
  await placeVerified(target, `${artifactPrefix}${MANIFEST_FILE}`, manifestBytes);
  const registered = (await target.invoke('register-model-version', {
    model,
    runId: `promoted-${source.name}-${version}`,
    artifactPrefix,
    modelDigest,
    manifestDigest,
    metrics,
    trainedThroughMs,
    snapshotId: datasetSnapshot,
    origin: { stage: source.name, version },
  })) as { readonly version: number };
  const { step } = (await target.invoke('decide-approval', { model, version: registered.version })) as { step: string };
  const sizeBytes = [...files.values()].reduce((sum, bytes) => sum + bytes.byteLength, manifestBytes.byteLength);
  return { version: registered.version, step, fileCount: files.size + 1, sizeBytes };
};
