import { rolloutReportAt } from '../../shared/contracts/events.ts';
import { isInferenceService } from '../../shared/contracts/names.ts';
import { pinnedModel, type RollBack, rollBackId, type ServedVersion } from '../../shared/core/deployment/index.ts';
import { type Deployment, type Rollout, requireApproved } from '../../shared/core/registry/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { InvalidStateError, NotFoundError } from '../../shared/kernel/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { RollBackRequest } from '../../shared/ports/roll-back.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';
import { pointAlias, type Resting } from './rest-alias.ts';

interface Deps {
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

type Asked = RollBackRequest & { readonly functionName: string };
type GoBack = Extract<RollBack, { readonly kind: 'go back' }>;

/** @returns the code of the version as it was published. @throws InvalidStateError when it cannot serve at once. */
const requirePublished = async (
  { functions }: Pick<Deps, 'functions'>,
  { model, functionName }: Asked,
  { version, lambdaVersion }: ServedVersion,
): Promise<string> => {
  if (isInferenceService(functionName)) {
    throw new InvalidStateError(
      `version ${version} of ${model} has no tasks any more, so it cannot serve within seconds: ` +
        `POST /models/${model}/rollouts {"version": ${version}} (millrace rollout) starts a canary of it`,
    );
  }
  const published = await functions.describe(functionName, lambdaVersion).catch((error: unknown) => {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  });
  const pinned = published && pinnedModel(published.environment);
  if (published !== undefined && pinned?.version === version && pinned.rosterDigest === undefined) {
    return published.codeSha256;
  }
  throw new InvalidStateError(
    `version ${version} of ${model} is no longer published by itself, so it cannot serve within seconds: ` +
      `POST /models/${model}/rollouts {"version": ${version}} (millrace rollout) starts a canary of it`,
  );
};

/**
 * A version that served before serves again, by a rollout of one step on record: its lease keeps others away, and what it
 * gives is on its item before the alias moves. The alias moves before the rollout is promoted, so that nothing becomes
 * the deployment that could not be pointed at.
 */
export const createGoBack = (deps: Deps) => {
  const { registry, functions, events, clock } = deps;

  const begin = async (
    asked: Asked,
    { version, lambdaVersion }: ServedVersion,
    serving: Deployment,
  ): Promise<Rollout> => {
    const { model, requestId, reason, principal } = asked;
    const startedAtMs = clock.nowMs();
    requireApproved(await registry.getVersion(model, version));
    const codeSha256 = await requirePublished(deps, asked, { version, lambdaVersion });
    return registry.startRollout({
      model,
      rolloutId: rollBackId(requestId),
      kind: version === serving.version ? 'code' : 'model',
      version,
      startedAtMs,
      previousVersion: serving.version,
      previousLambdaVersion: serving.lambdaVersion,
      lambdaVersion,
      codeSha256,
      decision: { action: 'roll back', reason, decidedBy: principal, decidedAtMs: startedAtMs },
    });
  };

  return async (asked: Asked, { to, resumes }: GoBack, serving: Deployment | undefined): Promise<Resting> => {
    const { model, functionName, reason, principal } = asked;
    assert(serving !== undefined, `${model} has a version to leave when it goes back`);
    const { rolloutId, codeSha256 } = resumes ?? (await begin(asked, to, serving));
    assert(codeSha256 !== undefined, `rollout ${rolloutId} says what code it goes back to`);
    const { version, lambdaVersion } = to;
    const atMs = clock.nowMs();
    await registry.updateRollout(model, rolloutId, { weights: [1], shifts: [{ weight: 1, atMs }] });
    await pointAlias(functions, functionName, lambdaVersion);
    const deployment = { model, version, lambdaVersion, codeSha256, rolloutId, promotedAtMs: atMs };
    const end = { status: 'PROMOTED', endedAtMs: atMs, reason, principal } as const;
    await registry.endRollout({ model, rolloutId, ...end, deployment });
    const left = { model, version: serving.version, rolloutId: serving.rolloutId };
    const report = rolloutReportAt(model, serving.rolloutId);
    await events.publish('Rollout Rolled Back', { ...left, reason, report });
    return { champion: version, lambdaVersion };
  };
};
