import { hash } from 'node:crypto';
import { EVALUATION_FILE, MANIFEST_FILE, ManifestSchema } from '../../contracts/artifacts.ts';
import { EvaluationSchema } from '../../contracts/evaluation.ts';
import { parseJsonFile } from '../../contracts/json-file.ts';
import { InvalidStateError } from '../../kernel/errors.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';
import type { VersionFiles } from '../../ports/version-files.ts';

const requireDigest = (bytes: Uint8Array, expected: string, key: string): Uint8Array => {
  const found = hash('sha256', bytes);
  if (found === expected) return bytes;
  throw new InvalidStateError(`${key} has the digest ${found}, expected ${expected}`);
};

/** Files of packages in the artifact bucket, each by the digests that the registry answers for. */
export const createVersionFiles = (artifacts: Pick<ArtifactStore, 'get'>): VersionFiles => {
  const read: VersionFiles['read'] = async ({ artifactPrefix, manifestDigest }, file) => {
    const manifestKey = `${artifactPrefix}${MANIFEST_FILE}`;
    const bytes = requireDigest(await artifacts.get(manifestKey), manifestDigest, manifestKey);
    const { files } = parseJsonFile(ManifestSchema, bytes, manifestKey);
    const listed = Object.hasOwn(files, file) ? files[file] : undefined;
    if (listed === undefined) return undefined;
    const key = `${artifactPrefix}${file}`;
    return requireDigest(await artifacts.get(key), listed.sha256, key);
  };
  return {
    read,
    gate: async (version) => {
      const bytes = await read(version, EVALUATION_FILE);
      return bytes && { passed: parseJsonFile(EvaluationSchema, bytes, EVALUATION_FILE).passed };
    },
  };
};
