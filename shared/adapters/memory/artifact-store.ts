import { createHash } from 'node:crypto';
import { ConflictError, LimitExceededError, NotFoundError } from '../../kernel/errors.ts';
import type { ArtifactStore } from '../../ports/artifact-store.ts';

/** Objects in memory, for tests. */
export const createMemoryArtifactStore = (): ArtifactStore => {
  const objects = new Map<string, { readonly body: Uint8Array; readonly etag: string }>();
  const put = (key: string, body: Uint8Array): { readonly etag: string } => {
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    objects.set(key, { body: Uint8Array.from(body), etag });
    return { etag };
  };
  return {
    get: async (key, ifMatch) => {
      const object = objects.get(key);
      if (object === undefined) throw new NotFoundError(`object ${key} does not exist`);
      if (ifMatch !== undefined && ifMatch !== object.etag) throw new ConflictError(`object ${key} changed`);
      return object.body;
    },
    put: async (key, body) => put(key, body),
    putIfAbsent: async (key, body) => {
      if (objects.has(key)) return false;
      put(key, body);
      return true;
    },
    list: async (prefix, limit = 10_000, after = '') => {
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
      if (keys.length > limit) throw new LimitExceededError(`more than ${limit} objects lie under ${prefix}`);
      return keys.map((key) => {
        const { body, etag } = objects.get(key) ?? { body: new Uint8Array(), etag: '' };
        return { key, sizeBytes: body.byteLength, etag, lastModifiedMs: 0 };
      });
    },
    exists: async (key) => objects.has(key),
    copy: async (source, key) => {
      const object = objects.get(source.key);
      if (object === undefined) throw new NotFoundError(`object ${source.key} does not exist`);
      if (object.etag !== source.etag) throw new ConflictError(`object ${source.key} changed`);
      return put(key, object.body);
    },
  };
};
