import * as v from 'valibot';
import { closedObject } from './closed-object.ts';

/** A person's word on rollouts: what the platform API is asked, and what it asks the function that rolls back. */

const Version = v.pipe(v.number(), v.integer(), v.minValue(1));

export const RollBackInput = v.object({
  model: v.string(),
  /** The rollout that a person named; default: the one that runs. */
  rolloutId: v.optional(v.string()),
  /** The version that a person named; default: see `decideRollBack`. */
  version: v.optional(Version),
  reason: v.string(),
  principal: v.string(),
  /** Of the person's request: the same again is the same roll-back. */
  requestId: v.string(),
});

/** Traffic is back: the alias is wholly on this. */
export const RolledBackSchema = v.object({
  model: v.string(),
  /** The version that has all traffic; absent while none is in service. */
  champion: v.optional(Version),
  lambdaVersion: v.string(),
});

/** What Lambda says of a function that threw. */
const ThrownSchema = v.object({ errorType: v.optional(v.string(), ''), errorMessage: v.optional(v.string(), '') });

/** What the function threw instead of an answer, if it says so. */
export const thrownBy = (payload: unknown): v.InferOutput<typeof ThrownSchema> | undefined => {
  const thrown = v.safeParse(ThrownSchema, payload);
  return thrown.success ? thrown.output : undefined;
};

const Reason = v.pipe(v.string(), v.trim(), v.minLength(1, 'must say why'), v.maxLength(1_000));

/** Body of `POST /models/{model}/rollouts/{rolloutId}/promote` and `…/rollback`. */
export const RolloutDecisionBody = closedObject({ reason: Reason });

/** An execution's name, or a roll-back's. */
export const RolloutIdParameter = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._-]{1,128}$/, "must be a rollout's id, as GET /models/{model}/rollouts tells it"),
);

/** Body of `POST /models/{model}/rollouts`. */
export const RequestRolloutBody = closedObject({ version: Version, reason: Reason });
