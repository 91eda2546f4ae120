import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { inferenceEndpointName } from '../../shared/contracts/names.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { BeginRolloutInput } from '../../shared/contracts/rollout-workflow.ts';
import { planRollout, type RolloutPlan } from '../../shared/core/deployment/index.ts';
import { requireApproved } from '../../shared/core/registry/index.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';
import { routingOf, type WaitDeps, whyNotNow } from './exact-routing.ts';

interface Deps extends WaitDeps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly events: EventPublisher;
}

/** Rollouts looked through for an earlier one of the same version. */
const RECENT_ROLLOUTS = 50;
type Output =
  | { readonly outcome: 'begun'; readonly plan: RolloutPlan }
  | { readonly outcome: 'duplicate'; readonly reason: string };

/**
 * Takes the model's rollout lease and states the plan. Delivered twice under one execution name it returns the same
 * plan; a second execution for a version that was rolled out before answers `duplicate`, and so does one whose turn has
 * not come where a plan divides the requests; while another rollout runs it throws ConflictError, which the workflow
 * waits out.
 */
export const createHandler = (deps: Deps) => {
  const { stage, definitions, registry, functions, events, clock } = deps;
  return async (event: unknown): Promise<Output> => {
    const { asked: wish, ...wanted } = parse(BeginRolloutInput, event);
    const asked = { ...wanted, ...(wish ? { asked: wish } : {}) };
    const { model, version, rolloutId } = asked;
    const definition = definitionOf(definitions, model);
    const functionName = inferenceEndpointName(stage, definition);
    const [registered, rollouts, alias, serving] = await Promise.all([
      registry.getVersion(model, version),
      registry.listRollouts(model, RECENT_ROLLOUTS),
      functions.getLiveAlias(functionName),
      registry.getDeployment(model),
    ]);
    const modelVersion = requireApproved(registered);
    const routing = routingOf(definition);
    const reason = await whyNotNow(deps, asked, { model, functionName, serving, routing, rollouts: rollouts.items });
    if (reason !== undefined) return { outcome: 'duplicate', reason };
    const rollout = await registry.startRollout({
      ...asked,
      startedAtMs: clock.nowMs(),
      previousLambdaVersion: alias.lambdaVersion,
      ...(serving === undefined ? {} : { previousVersion: serving.version }),
      ...(routing === undefined ? {} : { routing }),
    });
    await events.publish('Rollout Started', { model, version, rolloutId, kind: rollout.kind });
    return { outcome: 'begun', plan: planRollout(rollout, modelVersion, functionName, definition.deployment) };
  };
};
