import { hash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MODEL_FILE, SIGNATURE_FILE, SignatureSchema } from '../../../shared/contracts/artifacts.ts';
import { parseJsonFile } from '../../../shared/contracts/json-file.ts';
import { NotFoundError } from '../../../shared/kernel/errors.ts';
import type { ModelSource } from '../../../shared/ports/model-source.ts';

/** A name that is one folder, and none that leads elsewhere. */
const FOLDER_NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,255}$/;
const VERSION = /^[1-9]\d{0,8}$/;

const has = async (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** `<folder>/<model>/<version>/`, `<folder>/<model>/`, or the folder itself for the model of that name. */
const folderOf = async (
  root: string,
  { model, version, only }: { readonly model: string; readonly version: string | undefined; readonly only: string },
): Promise<{ readonly folder: string; readonly version: string } | undefined> => {
  if (!FOLDER_NAME.test(model) || (version !== undefined && !VERSION.test(version))) return undefined;
  const versioned = version ?? (await newestVersion(join(root, model)));
  if (versioned !== undefined && (await has(join(root, model, versioned, MODEL_FILE)))) {
    return { folder: join(root, model, versioned), version: versioned };
  }
  if (version !== undefined && version !== '1') return undefined;
  if (await has(join(root, model, MODEL_FILE))) return { folder: join(root, model), version: '1' };
  return model === only && (await has(join(root, MODEL_FILE))) ? { folder: root, version: '1' } : undefined;
};

const newestVersion = async (folder: string): Promise<string | undefined> => {
  const entries = await readdir(folder).catch((): readonly string[] => []);
  const numbers = entries.filter((entry) => VERSION.test(entry)).map(Number);
  return numbers.length === 0 ? undefined : String(Math.max(...numbers));
};

/**
 * Models in a folder, as SageMaker puts one (`/opt/ml/model`) and as model repositories hold many
 * (`<model>/<version>/model.onnx`), each with a `signature.json` if its inputs are features.
 * @param only the name of the model that lies in the folder itself.
 */
export const createFolderSource = (root: string, only: string): ModelSource => ({
  describe: async (model, version) => {
    const found = await folderOf(root, { model, version, only });
    if (found === undefined) {
      const which = version === undefined ? '' : `version ${version.slice(0, 20)} of `;
      throw new NotFoundError(`${which}model ${model.slice(0, 100)} is not served here`);
    }
    const { size, mtimeMs } = await stat(join(found.folder, MODEL_FILE));
    return { model, version: found.version, key: `${model}@${found.version}:${mtimeMs}:${size}`, sizeBytes: size };
  },
  fetch: async ({ model, version }) => {
    const found = await folderOf(root, { model, version, only });
    if (found === undefined) throw new NotFoundError(`version ${version} of model ${model} is gone`);
    const bytes = new Uint8Array(await readFile(join(found.folder, MODEL_FILE)));
    const signature = await readFile(join(found.folder, SIGNATURE_FILE)).catch(() => undefined);
    const digest = hash('sha256', bytes);
    if (signature === undefined) return { bytes, digest };
    return { bytes, digest, signature: parseJsonFile(SignatureSchema, signature, SIGNATURE_FILE) };
  },
});
