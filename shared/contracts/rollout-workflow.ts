import * as v from 'valibot';

/** Inputs of the functions that canary-rollout and reconcile-serving run. Each answers what the next state reads. */

const Model = v.string();
const Version = v.pipe(v.number(), v.integer(), v.minValue(1));
const RolloutId = v.string();

export const BeginRolloutInput = v.object({
  model: Model,
  version: Version,
  kind: v.picklist(['model', 'code']),
  rolloutId: RolloutId,
  /** A person's wish for another canary of the version. */
  asked: v.nullish(v.object({ by: v.string(), reason: v.string(), requestId: v.string() })),
});

export const PublishVersionInput = v.object({
  model: Model,
  version: Version,
  rolloutId: RolloutId,
  functionName: v.string(),
  modelDigest: v.string(),
  manifestDigest: v.string(),
  artifactPrefix: v.string(),
});

export const SmokeTestInput = v.object({
  model: Model,
  version: Version,
  functionName: v.string(),
  lambdaVersion: v.string(),
});

export const ShiftTrafficInput = v.object({
  model: Model,
  rolloutId: RolloutId,
  functionName: v.string(),
  /** 0 gives all traffic back to the previous version. */
  weight: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
});

export const JudgeCanaryInput = v.object({
  model: Model,
  rolloutId: RolloutId,
  functionName: v.string(),
  stepStartedAtMs: v.number(),
  /** Of an execution from before looks were counted: it asks once, when its step was served. */
  lookIndex: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  steps: v.optional(v.array(v.number())),
  stepIndex: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
  bakeSeconds: v.optional(v.number()),
});

export const FinishRolloutInput = v.object({
  model: Model,
  rolloutId: RolloutId,
  functionName: v.string(),
  status: v.picklist(['PROMOTED', 'ROLLED_BACK', 'FAILED']),
  reason: v.optional(v.string(), ''),
});

export const ReconcileServingInput = v.object({ model: v.optional(Model) });
