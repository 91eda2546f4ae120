/**
 * Artifacts of one workspace, by path (`12/5d3…/artifacts/model/MLmodel`). No path reaches another workspace's. What is
 * read is never carried through us: a reader is given a URL that works for a while.
 * Every call @throws InvalidRequestError for a path that is none, ForbiddenError for one that may not be read or,
 * where it writes, may only be read.
 */
export interface TrackingArtifacts {
  /** The path that a URI names (`mlflow-artifacts:/…`, or `s3://` of our own bucket); undefined for other storage. */
  pathOf(uri: string): string | undefined;
  /** Overwrites. */
  put(path: string, body: Uint8Array, contentType?: string): Promise<void>;
  /**
   * The object at the path and everything below it; nothing there is fine.
   * @throws LimitExceededError when more is there than one call deletes: what it could is gone, so call again.
   */
  delete(path: string): Promise<void>;
  /** What lies directly in a directory ('' is the root), by name; of a file or of nothing, nothing. @throws LimitExceededError */
  list(directory: string): Promise<readonly ArtifactEntry[]>;
  /** @throws NotFoundError */
  describe(path: string): Promise<{ readonly sizeBytes: number }>;
  /** A URL that gives the object for some minutes; whether there is one is not checked. */
  downloadUrl(path: string, options?: DownloadOptions): Promise<string>;

  /** Begins an upload in parts, with a URL for the PUT of each. */
  createUpload(path: string, partCount: number): Promise<ArtifactUpload>;
  /**
   * Completing again what was completed is fine.
   * @throws InvalidRequestError for parts that were not stored so, NotFoundError for an upload that is not under way.
   */
  completeUpload(path: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  /** An upload that is not under way is fine. */
  abortUpload(path: string, uploadId: string): Promise<void>;
}

export interface ArtifactEntry {
  /** Relative to the directory. */
  readonly name: string;
  readonly isDirectory: boolean;
  /** Of a file. */
  readonly sizeBytes?: number;
}

export interface DownloadOptions {
  /** The browser saves it under this name instead of showing it. */
  readonly attachmentName?: string;
}

export interface ArtifactUpload {
  readonly uploadId: string;
  /** For part 1, 2, … */
  readonly partUrls: readonly string[];
}

export interface UploadedPart {
  /** From 1. */
  readonly partNumber: number;
  readonly etag: string;
}
