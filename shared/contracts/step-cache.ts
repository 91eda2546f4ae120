import * as v from 'valibot';

/** What a step of a pipeline once made of inputs with one digest: `cache/<model>/<step>/<digest>.json`. */
export const StepCacheEntrySchema = v.object({
  schemaVersion: v.literal(1),
  /** Objects of the run that made them, with the ETags they were written with. */
  outputs: v.array(v.object({ name: v.string(), key: v.string(), etag: v.string() })),
  value: v.unknown(),
});
export type StepCacheEntry = v.InferOutput<typeof StepCacheEntrySchema>;
