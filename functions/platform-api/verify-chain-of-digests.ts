import { hash } from 'node:crypto';
import { MANIFEST_FILE, type Manifest, ManifestSchema, MODEL_FILE } from '../../shared/contracts/artifacts.ts';
import {
  BILL_OF_MATERIALS_FILE,
  type BillOfMaterials,
  BillOfMaterialsSchema,
} from '../../shared/contracts/bill-of-materials.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import type { PackagedVersion } from '../../shared/core/registry/index.ts';
import { isPlatformError, NotFoundError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** One link of the chain from a prediction to its data: what it claims, and whether that holds. */
export interface Check {
  readonly claim: string;
  readonly holds: boolean;
  /** What was found instead. */
  readonly found?: string;
}

export interface VerifiedPackage {
  readonly checks: readonly Check[];
  readonly manifest?: Manifest;
  readonly bill?: BillOfMaterials;
}

const sha256 = (content: Uint8Array | string): string => hash('sha256', content);

export const check = (claim: string, actual: unknown, expected: unknown): Check => {
  if (actual === expected) return { claim, holds: true };
  return { claim, holds: false, found: actual === undefined ? 'nothing' : String(actual) };
};

const fetched = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  key: string,
): Promise<Uint8Array<ArrayBufferLike> | undefined> => {
  try {
    return await artifacts.get(key);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};

const readable = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch (error) {
    if (isPlatformError(error)) return undefined;
    throw error;
  }
};

/** Every file of the manifest by its digest; the bill of materials is read on the way. One file at a time: they may be large. */
const verifyFiles = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  prefix: string,
  manifest: Manifest,
): Promise<Pick<VerifiedPackage, 'checks' | 'bill'>> => {
  const checks: Check[] = [];
  let bill: BillOfMaterials | undefined;
  for (const [file, { sha256: expected }] of Object.entries(manifest.files)) {
    const bytes = await fetched(artifacts, `${prefix}${file}`);
    checks.push(check(`${file} has the digest that the manifest names`, bytes && sha256(bytes), expected));
    if (file !== BILL_OF_MATERIALS_FILE || bytes === undefined) continue;
    bill = readable(() => parseJsonFile(BillOfMaterialsSchema, bytes, BILL_OF_MATERIALS_FILE));
  }
  return { checks, ...(bill === undefined ? {} : { bill }) };
};

const billChecks = (version: PackagedVersion, bill: BillOfMaterials | undefined): readonly Check[] => {
  const snapshot = bill?.snapshot;
  const id = snapshot && sha256(JSON.stringify([snapshot.dataset, snapshot.objects]));
  return [
    check(
      'the bill of materials names the data snapshot of the version',
      snapshot?.snapshotId,
      version.datasetSnapshot,
    ),
    check('the snapshot’s objects have the digest that is its id', id, snapshot?.snapshotId ?? version.datasetSnapshot),
  ];
};

/** Holds a version's files against its manifest, and the manifest against the version. */
export const verifyPackage = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  version: PackagedVersion,
): Promise<VerifiedPackage> => {
  const { artifactPrefix, manifestDigest, modelDigest } = version;
  const bytes = await fetched(artifacts, `${artifactPrefix}${MANIFEST_FILE}`);
  const manifest = bytes && readable(() => parseJsonFile(ManifestSchema, bytes, MANIFEST_FILE));
  const own = [
    check('the manifest has the digest that was registered', bytes && sha256(bytes), manifestDigest),
    check('the manifest names the registered model bytes', manifest?.files[MODEL_FILE]?.sha256, modelDigest),
  ];
  if (manifest === undefined) return { checks: [...own, ...billChecks(version, undefined)] };
  const { checks, bill } = await verifyFiles(artifacts, artifactPrefix, manifest);
  return {
    checks: [...own, ...checks, ...billChecks(version, bill)],
    manifest,
    ...(bill === undefined ? {} : { bill }),
  };
};
