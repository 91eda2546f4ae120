import * as v from 'valibot';

/** What the collection of garbage is asked, and answers. */
export const CollectGarbageInput = v.strictObject({
  /** `dry-run` says what is marked and what would go; `apply` marks, and removes what was marked long enough. */
  mode: v.picklist(['dry-run', 'apply']),
});

const Folders = v.object({
  count: v.number(),
  sizeBytes: v.number(),
  /** The first hundred. */
  prefixes: v.array(v.string()),
});

export const CollectGarbageOutput = v.object({
  mode: v.picklist(['dry-run', 'apply']),
  folderCount: v.number(),
  /** Newly found. */
  marked: Folders,
  /** Marked before and needed again, or gone. */
  unmarked: v.object({ count: v.number() }),
  collected: Folders,
  /** Folders left to the next pass, because this one removed as much as it may. */
  leftCount: v.number(),
});
export type CollectGarbageOutput = v.InferOutput<typeof CollectGarbageOutput>;
