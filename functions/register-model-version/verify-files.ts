import { createHash } from 'node:crypto';
import { MANIFEST_FILE, type Manifest, MODEL_FILE } from '../../shared/contracts/artifacts.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

export const sha256OfText = (text: string): string => createHash('sha256').update(text).digest('hex');
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Reads every file of a manifest and computes its digest anew.
 * @throws InvalidStateError that names the first file whose bytes are not those of the manifest.
 */
export const verifyFiles = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  prefix: string,
  manifest: Manifest,
): Promise<void> => {
  if (manifest.files[MODEL_FILE]?.sha256 !== manifest.modelDigest) {
    throw new InvalidStateError(`${prefix}${MANIFEST_FILE} does not name ${MODEL_FILE} by the model's digest`);
  }
  for (const [file, { sha256: expected }] of Object.entries(manifest.files)) {
    const found = sha256(await artifacts.get(`${prefix}${file}`));
    if (found === expected) continue;
    throw new InvalidStateError(`${prefix}${file} has the digest ${found}, its manifest says ${expected}`);
  }
};
