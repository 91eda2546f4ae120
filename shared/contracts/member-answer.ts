import * as v from 'valibot';

/** What a model's inference function answers through its alias, as far as a composition reads it. */
export const GatewayAnswerSchema = v.object({ statusCode: v.number(), body: v.string() });

/** The body of an answered prediction: of each row its id and the one number beside it. */
export const PredictionsSchema = v.object({
  version: v.number(),
  predictions: v.array(v.record(v.string(), v.union([v.string(), v.number()]))),
});

/** The body of a refusal. */
export const RefusalSchema = v.object({ detail: v.string() });
