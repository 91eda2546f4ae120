import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { inferenceEndpointName } from '../../shared/contracts/names.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { RollBackInput } from '../../shared/contracts/roll-back.ts';
import { decideRollBack } from '../../shared/core/deployment/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import type { RolledBack } from '../../shared/ports/roll-back.ts';
import type { ServingFunctions } from '../../shared/ports/serving-functions.ts';
import { createGoBack } from './go-back.ts';
import { readStanding } from './read-standing.ts';
import { createRestAlias } from './rest-alias.ts';
import { createStopCanary } from './stop-canary.ts';

export interface RollBackDeps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly registry: ModelRegistry;
  readonly functions: ServingFunctions;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/**
 * Rolls a model back by a person's word, where the alias divides its requests; see `decideRollBack`. A function of the
 * serving stack that the API waits for: no workflow, whose states would take longer than what they do. What the registry
 * says is written before traffic moves, so that the reconciler ends what is cut off; the same request again ends it too.
 */
export const createHandler = (deps: RollBackDeps) => {
  const { stage, definitions } = deps;
  const [stopCanary, goBack, restAlias] = [createStopCanary(deps), createGoBack(deps), createRestAlias(deps)];
  return async (event: unknown): Promise<RolledBack> => {
    const asked = parse(RollBackInput, event);
    const { model } = asked;
    const functionName = inferenceEndpointName(stage, definitionOf(definitions, model));
    const standing = await readStanding(deps, functionName, asked);
    const decided = decideRollBack(standing);
    const by = { ...asked, functionName };
    if (decided.kind === 'stop') return { model, ...(await stopCanary(by, decided.rollout)) };
    if (decided.kind === 'go back') return { model, ...(await goBack(by, decided, standing.deployment)) };
    return { model, ...(await restAlias(model, functionName)) };
  };
};
