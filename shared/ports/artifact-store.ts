/** Objects by key in one bucket. */
export interface ArtifactStore {
  /** @throws NotFoundError */
  get(key: string): Promise<Uint8Array>;
  /** Overwrites. */
  put(key: string, body: Uint8Array, contentType?: string): Promise<{ readonly etag: string; readonly versionId?: string }>;
  /** Writes unless the key exists; returns whether it wrote. */
  putIfAbsent(key: string, body: Uint8Array, contentType?: string): Promise<boolean>;
  /** All objects under a prefix, in key order; bounded by `limit` (default 10,000), above which it throws LimitExceededError. */
  list(prefix: string, limit?: number): Promise<readonly StoredObject[]>;
  exists(key: string): Promise<boolean>;
}

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModifiedMs: number;
}
