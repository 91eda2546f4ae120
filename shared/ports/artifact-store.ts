/** Objects by key in one bucket. */
export interface ArtifactStore {
  /**
   * @param ifMatch the ETag that the object must still have.
   * @throws NotFoundError
   * @throws ConflictError when the object changed since it had that ETag.
   */
  get(key: string, ifMatch?: string): Promise<Uint8Array>;
  /** Overwrites. */
  put(
    key: string,
    body: Uint8Array,
    contentType?: string,
  ): Promise<{ readonly etag: string; readonly versionId?: string }>;
  /** Writes unless the key exists; returns whether it wrote. */
  putIfAbsent(key: string, body: Uint8Array, contentType?: string): Promise<boolean>;
  /**
   * All objects under a prefix, in key order; bounded by `limit` (default 10,000), above which it throws LimitExceededError.
   * @param after keys up to this one, itself included, are left out: one request lists a span of days.
   */
  list(prefix: string, limit?: number, after?: string): Promise<readonly StoredObject[]>;
  exists(key: string): Promise<boolean>;
  /**
   * Copies an object within the bucket, without its bytes passing through here.
   * @throws NotFoundError, and ConflictError when the source has no longer the given ETag.
   */
  copy(source: { readonly key: string; readonly etag: string }, key: string): Promise<{ readonly etag: string }>;
}

export interface StoredObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModifiedMs: number;
}
