import { hash } from 'node:crypto';
import { EVALUATION_FILE, MANIFEST_FILE, type Manifest, ManifestSchema } from '../../contracts/artifacts.ts';
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

/** Manifests that are remembered: a function asks for several files of one version, or of a few. */
const MOST_MANIFESTS = 16;

/** Reads each manifest once: the digest says that it cannot be another. */
const createManifests = (artifacts: Pick<ArtifactStore, 'get'>) => {
  const known = new Map<string, Promise<Manifest>>();
  const read = async (key: string, digest: string): Promise<Manifest> =>
    parseJsonFile(ManifestSchema, requireDigest(await artifacts.get(key), digest, key), key);
  return ({ artifactPrefix, manifestDigest }: Parameters<VersionFiles['read']>[0]): Promise<Manifest> => {
    const key = `${artifactPrefix}${MANIFEST_FILE}`;
    const name = `${manifestDigest} ${key}`;
    const standing = known.get(name);
    if (standing !== undefined) return standing;
    const manifest = read(key, manifestDigest);
    const [oldest] = known.keys();
    if (known.size >= MOST_MANIFESTS && oldest !== undefined) known.delete(oldest);
    known.set(name, manifest);
    manifest.catch(() => known.delete(name));
    return manifest;
  };
};

/** Files of packages in the artifact bucket, each by the digests that the registry answers for. */
export const createVersionFiles = (artifacts: Pick<ArtifactStore, 'get'>): VersionFiles => {
  const manifestOf = createManifests(artifacts);
  const read: VersionFiles['read'] = async (version, file) => {
    const { files } = await manifestOf(version);
    const { artifactPrefix } = version;
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
