import * as v from 'valibot';
import { ModelDefinitionSchema } from './model-definition.ts';
import { SnapshotSchema } from './training-workflow.ts';

/** What a version was made from, in the digests that let anyone make it again. A file of the version's manifest. */

export const BILL_OF_MATERIALS_FILE = 'bill-of-materials.json';
/** Beside the code of the functions that need it: what the synthesis bundled. */
export const BUILD_INFO_FILE = 'build-info.json';

const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 digest in hex'));

/** Functions whose code the bytes of a model depend on. */
export const REPRODUCED_FUNCTIONS = ['build-features', 'train-model', 'collect-model'] as const;

export const BuildInfoSchema = v.object({
  /** SHA-256 of each bundle, by the function's folder. */
  functions: v.record(v.string(), Sha256),
  /** SHA-256 of package-lock.json. */
  lockfile: Sha256,
  /** Versions of the packages with native code. */
  packages: v.record(v.string(), v.string()),
});
export type BuildInfo = v.InferOutput<typeof BuildInfoSchema>;

export const BillOfMaterialsSchema = v.object({
  schemaVersion: v.literal(1),
  model: v.string(),
  runId: v.string(),
  /** Objects by key and ETag, and the instant as of which they were read. */
  snapshot: SnapshotSchema,
  /** As it stood: features, seed and parameters of the trainer, the image by digest. */
  definition: ModelDefinitionSchema,
  /** Rounds of the refit, as the candidate's best; null for a trainer that reports none. */
  rounds: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
  build: BuildInfoSchema,
  runtime: v.object({ node: v.string(), architecture: v.string() }),
});
export type BillOfMaterials = v.InferOutput<typeof BillOfMaterialsSchema>;
