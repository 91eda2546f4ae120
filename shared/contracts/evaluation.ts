import * as v from 'valibot';

export { REPORT_FILE, REPORT_PAGE_FILE } from './artifact-files.ts';

/** What a version's `evaluation.json` says, as far as anybody but its writer reads it. */

const Quality = v.object({
  rowCount: v.number(),
  loss: v.number(),
  labelMean: v.number(),
  predictionMean: v.number(),
  auc: v.optional(v.number()),
  brier: v.optional(v.number()),
});

const ModelEvaluation = v.object({
  quality: Quality,
  days: v.optional(v.array(v.object({ day: v.string(), rowCount: v.number(), loss: v.number() })), []),
});

export const EvaluationSchema = v.object({
  schemaVersion: v.literal(1),
  task: v.string(),
  passed: v.boolean(),
  findings: v.array(v.object({ rule: v.string(), passed: v.boolean(), message: v.string() })),
  candidate: ModelEvaluation,
  champion: v.optional(ModelEvaluation),
  baseline: v.object({ prediction: v.number(), loss: v.number() }),
  outcome: v.optional(v.string()),
  championVersion: v.optional(v.number()),
});
export type Evaluation = v.InferOutput<typeof EvaluationSchema>;
