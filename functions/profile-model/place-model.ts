import { createHash } from 'node:crypto';
import { MANIFEST_FILE, type Manifest, MODEL_FILE, modelArtifactPrefix } from '../../shared/contracts/artifacts.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { assert } from '../../shared/kernel/assert.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

export interface PlacedModel {
  readonly artifactPrefix: string;
  readonly modelDigest: string;
  readonly manifestDigest: string;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const contentTypeOf = (file: string): string => {
  if (file.endsWith('.html')) return 'text/html; charset=utf-8';
  return file.endsWith('.json') ? 'application/json' : 'application/octet-stream';
};

/**
 * Writes the files below the model's digest, then the manifest that names their digests. What lies there already is
 * kept and counted in: two runs may come to the same bytes, and a version once registered must keep its files.
 */
export const placeModel = async (
  artifacts: Pick<ArtifactStore, 'get' | 'putIfAbsent'>,
  {
    model,
    runId,
    files,
  }: { readonly model: string; readonly runId: string; readonly files: ReadonlyMap<string, Uint8Array> },
): Promise<PlacedModel> => {
  const onnx = files.get(MODEL_FILE);
  assert(onnx !== undefined, `${MODEL_FILE} is among the files`);
  const modelDigest = sha256(onnx);
  const artifactPrefix = modelArtifactPrefix(model, modelDigest);

  const place = async (file: string, bytes: Uint8Array): Promise<Uint8Array> => {
    const key = `${artifactPrefix}${file}`;
    return (await artifacts.putIfAbsent(key, bytes, contentTypeOf(file))) ? bytes : artifacts.get(key);
  };

  const entries = await Promise.all(
    [...files].map(async ([file, bytes]) => {
      const standing = await place(file, bytes);
      return [file, { sha256: sha256(standing), sizeBytes: standing.byteLength }] as const;
    }),
  );
  const manifest: Manifest = { schemaVersion: 1, model, runId, modelDigest, files: Object.fromEntries(entries) };
  const standingManifest = await place(MANIFEST_FILE, toJsonFile(manifest));
  return { artifactPrefix, modelDigest, manifestDigest: sha256(standingManifest) };
};
