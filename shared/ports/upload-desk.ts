/** Gives out places for files that callers bring to the artifact bucket themselves. */
export interface UploadDesk {
  /** 32 hex digits that nobody can guess. */
  readonly newId: () => string;
  /**
   * A URL by which its holder may put one file of exactly this length under a key, if none is there, for some minutes.
   * @returns with the headers that the request must have, which are signed with it.
   */
  readonly sign: (
    key: string,
    sizeBytes: number,
  ) => Promise<{
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly expiresAtMs: number;
  }>;
}
