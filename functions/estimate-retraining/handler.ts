import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { RetrainingWorth } from '../../shared/contracts/retraining-worth.ts';
import { EstimateRetrainingInput } from '../../shared/contracts/training-workflow.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import { recordWorth, type WorthStores } from './record-worth.ts';

interface Deps extends WorthStores {
  readonly definitions: Definitions;
  readonly events: EventPublisher;
}

/** `costUsd`: of the estimate itself. */
type Answer = Pick<RetrainingWorth, 'decision' | 'reason'> & { readonly costUsd: number };

/**
 * Weighs whether the training that an alarm asks for is worth it, and puts it on record beside the run. The first record
 * stands: run again, also after another version was promoted, it says the same and publishes it again.
 */
export const createHandler =
  ({ definitions, events, ...stores }: Deps) =>
  async (event: unknown): Promise<Answer> => {
    const { model, runId, cause, asOfMs } = parse(EstimateRetrainingInput, event);
    const definition = definitionOf(definitions, model);
    if (definition.retraining.worth.mode === 'off') {
      return { decision: 'retrain', reason: 'nothing was weighed (retraining.worth.mode is off)', costUsd: 0 };
    }
    const worth = await recordWorth(stores, { definition, runId, asOfMs });
    const { decision, reason, costUsd, estimateCostUsd, value } = worth;
    await events.publish('Retraining Decided', {
      model,
      runId,
      decision,
      reason,
      cause,
      ...(value === undefined ? {} : { gainUsd: value.gainUsd.mean }),
      ...(costUsd === undefined ? {} : { costUsd }),
    });
    return { decision, reason, costUsd: estimateCostUsd };
  };
