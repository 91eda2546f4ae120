import * as v from 'valibot';

/** What explaining a version's predictions takes beside the model: a file of the version's manifest. */

export { EXPLANATION_FILE } from './artifact-files.ts';
/** What a trainer may leave beside its model. */
export const COVERS_FILE = 'covers.json';

/** Background rows that are kept with a version. */
export const BACKGROUND_ROWS = 100;

const Cover = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Training rows that came by each node of a tree ensemble, in the order of the graph's nodes. */
export const CoversSchema = v.object({ schemaVersion: v.literal(1), covers: v.array(Cover) });

const Cells = v.union([v.array(v.nullable(v.number())), v.array(v.nullable(v.string()))]);

export const ExplanationBasisSchema = v.object({
  schemaVersion: v.literal(1),
  /** Absent for a model whose trainer counted none. */
  covers: v.optional(v.array(Cover)),
  /** Rows of the data that the version learned from, or was brought to: by feature, null for a missing value. */
  background: v.object({
    rowCount: v.pipe(v.number(), v.integer(), v.minValue(1)),
    columns: v.record(v.string(), Cells),
  }),
});
export type StoredExplanationBasis = v.InferOutput<typeof ExplanationBasisSchema>;
