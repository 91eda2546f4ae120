import { createHash, randomUUID } from 'node:crypto';
import type { ArtifactSpace } from '../../core/artifacts/index.ts';
import { ForbiddenError, InvalidRequestError, NotFoundError } from '../../kernel/errors.ts';
import type { ArtifactEntry, TrackingArtifacts } from '../../ports/tracking-artifacts.ts';

const MAX_PARTS = 2_000;

const entriesBelow = (objects: ReadonlyMap<string, Uint8Array>, directory: string): readonly ArtifactEntry[] => {
  const prefix = directory.endsWith('/') ? directory : `${directory}/`;
  const entries = new Map<string, ArtifactEntry>();
  for (const [key, body] of objects) {
    if (!key.startsWith(prefix)) continue;
    const [name = '', ...deeper] = key.slice(prefix.length).split('/');
    const isDirectory = deeper.length > 0;
    entries.set(name, { name, isDirectory, ...(isDirectory ? {} : { sizeBytes: body.byteLength }) });
  }
  return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
};

/** Artifacts in memory, for tests: URLs are made up, and the parts of an upload are not checked. */
export const createMemoryTrackingArtifacts = (space: ArtifactSpace): TrackingArtifacts => {
  const objects = new Map<string, Uint8Array>();
  const uploads = new Set<string>();
  const completed = new Set<string>();

  const writableKey = (path: string): string => {
    const { key, writable } = space.locate(path);
    if (!writable) throw new ForbiddenError(`artifact ${path} may only be read`);
    return key;
  };
  const requireUpload = (path: string, uploadId: string): string => {
    if (uploads.has(uploadId)) return writableKey(path);
    throw new NotFoundError(`no such upload of artifact ${path} is under way`);
  };

  return {
    pathOf: space.pathOf,
    put: async (path, body) => {
      objects.set(writableKey(path), Uint8Array.from(body));
    },
    delete: async (path) => {
      const key = writableKey(path);
      for (const other of [...objects.keys()]) {
        if (other === key || other.startsWith(`${key}/`)) objects.delete(other);
      }
    },
    list: async (directory) => entriesBelow(objects, space.locate(directory).key),
    describe: async (path) => {
      const body = objects.get(space.locate(path).key);
      if (body === undefined) throw new NotFoundError(`artifact ${path} does not exist`);
      return { sizeBytes: body.byteLength };
    },
    downloadUrl: async (path, { attachmentName } = {}) =>
      `memory:/${space.locate(path).key}${attachmentName === undefined ? '' : `?as=${attachmentName}`}`,
    createUpload: async (path, partCount) => {
      if (!Number.isInteger(partCount) || partCount < 1 || partCount > MAX_PARTS) {
        throw new InvalidRequestError(`num_parts must be in [1, ${MAX_PARTS}], got ${partCount}`);
      }
      const key = writableKey(path);
      const uploadId = randomUUID();
      uploads.add(uploadId);
      return {
        uploadId,
        partUrls: Array.from({ length: partCount }, (_, index) => `memory:/${key}?partNumber=${index + 1}`),
      };
    },
    completeUpload: async (path, uploadId, parts) => {
      if (completed.has(uploadId)) return;
      objects.set(requireUpload(path, uploadId), createHash('sha256').update(JSON.stringify(parts)).digest());
      uploads.delete(uploadId);
      completed.add(uploadId);
    },
    abortUpload: async (_path, uploadId) => {
      uploads.delete(uploadId);
    },
  };
};
