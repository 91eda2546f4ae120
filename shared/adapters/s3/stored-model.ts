import { MODEL_FILE, SIGNATURE_FILE, type Signature, SignatureSchema } from '../../contracts/artifacts.ts';
import { parseJsonFile } from '../../contracts/json-file.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';

/** Reads model.onnx and signature.json under a prefix that ends in a slash. @throws NotFoundError */
export const loadStoredModel = async (
  artifacts: Pick<ArtifactStore, 'get'>,
  prefix: string,
): Promise<{ readonly bytes: Uint8Array; readonly signature: Signature }> => {
  const [bytes, signature] = await Promise.all([
    artifacts.get(`${prefix}${MODEL_FILE}`),
    artifacts.get(`${prefix}${SIGNATURE_FILE}`),
  ]);
  return { bytes, signature: parseJsonFile(SignatureSchema, signature, `${prefix}${SIGNATURE_FILE}`) };
};
