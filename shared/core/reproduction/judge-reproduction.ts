/** SHA-256 by file name. */
type Digests = Readonly<Record<string, string>>;

export interface Reproduction {
  /** `equal` when every file has the very bytes of the version. */
  readonly outcome: 'equal' | 'different';
  readonly files: Readonly<
    Record<string, { readonly expected: string; readonly found: string; readonly equal: boolean }>
  >;
  /** What the surroundings have that they had not when the version was made. */
  readonly differences: readonly string[];
}

/** Compares what training made again with what the version's manifest names. */
export const judgeReproduction = (expected: Digests, found: Digests, differences: readonly string[]): Reproduction => {
  const files = Object.fromEntries(
    Object.entries(found).map(([file, digest]) => {
      const wanted = expected[file] ?? 'absent';
      return [file, { expected: wanted, found: digest, equal: wanted === digest }];
    }),
  );
  const outcome = Object.values(files).every(({ equal }) => equal) ? 'equal' : 'different';
  return { outcome, files, differences };
};
