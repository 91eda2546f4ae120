import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { inferenceEndpointName } from '../../shared/contracts/names.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { BeginRolloutInput } from '../../shared/contracts/rollout-workflow.ts';
import { findEarlierRollout, planRollout, type RolloutPlan } from '../../shared/core/deployment/index.ts';
import { requireApproved } from '../../shared/core/registry/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';

interface Deps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/** Rollouts looked through for an earlier one of the same version. */
const RECENT_ROLLOUTS = 50;
type Output =
  | { readonly outcome: 'begun'; readonly plan: RolloutPlan }
  | { readonly outcome: 'duplicate'; readonly reason: string };

/**
 * Takes the model's rollout lease and states the plan. Delivered twice under one execution name it returns the same
 * plan; a second execution for a version that was rolled out before answers `duplicate`; while another rollout
 * runs it throws ConflictError, which the workflow waits out.
 */
export const createHandler =
  ({ stage, definitions, registry, functions, events, clock }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, version, kind, rolloutId } = parse(BeginRolloutInput, event);
    const definition = definitionOf(definitions, model);
    const functionName = inferenceEndpointName(stage, definition);
    const [registered, rollouts, alias, serving] = await Promise.all([
      registry.getVersion(model, version),
      registry.listRollouts(model, RECENT_ROLLOUTS),
      functions.getLiveAlias(functionName),
      registry.getDeployment(model),
    ]);
    const modelVersion = requireApproved(registered);
    const earlier = findEarlierRollout(rollouts.items, { kind, version, rolloutId });
    if (earlier) return { outcome: 'duplicate', reason: `rollout ${earlier.rolloutId} is ${earlier.status}` };
    const rollout = await registry.startRollout({
      model,
      rolloutId,
      kind,
      version,
      startedAtMs: clock.nowMs(),
      previousLambdaVersion: alias.lambdaVersion,
      ...(serving === undefined ? {} : { previousVersion: serving.version }),
    });
    await events.publish('Rollout Started', { model, version, rolloutId });
    return { outcome: 'begun', plan: planRollout(rollout, modelVersion, functionName, definition.deployment) };
  };
