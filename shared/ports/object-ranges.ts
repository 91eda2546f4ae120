/** Reads objects of one bucket piece by piece. */
export interface ObjectRanges {
  /**
   * The bytes from `fromByte` up to, without, `toByte`; at most 64 MiB at once.
   * @throws NotFoundError
   * @throws ConflictError when the object no longer has that ETag.
   */
  read(object: {
    readonly key: string;
    readonly etag: string;
    readonly fromByte: number;
    readonly toByte: number;
  }): Promise<Uint8Array>;
}
