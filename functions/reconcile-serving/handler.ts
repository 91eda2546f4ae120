import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { ReconcileServingInput } from '../../shared/contracts/rollout-workflow.ts';
import { decideReconciliation, type ReconcileAction } from '../../shared/core/deployment/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import type { ReadServingState } from './read-serving-state.ts';
import type { Repair } from './repair.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly readServingState: ReadServingState;
  readonly repair: Repair;
}

/**
 * Brings every model's endpoint back to what the registry says: see `decideReconciliation`. Runs every few minutes
 * and after every deploy; each repair is conditional on what was read, so running twice at once repairs once.
 * One model's failure does not keep the others from being repaired; it is thrown when all were visited.
 */
export const createHandler =
  ({ definitions, readServingState, repair }: Deps) =>
  async (event: unknown): Promise<Readonly<Record<string, ReconcileAction>>> => {
    const { model } = parse(ReconcileServingInput, event ?? {});
    const models = model === undefined ? [...definitions.keys()] : [definitionOf(definitions, model).name];
    const actions: Record<string, ReconcileAction> = {};
    const failures: unknown[] = [];
    const reconcile = async (name: string): Promise<void> => {
      try {
        const endpoint = await readServingState(name);
        const action = decideReconciliation(endpoint.state);
        await repair(name, endpoint, action);
        actions[name] = action;
        if (action.kind !== 'none')
          console.log(JSON.stringify({ level: 'WARN', message: 'endpoint repaired', model: name, ...action }));
      } catch (failure) {
        failures.push(failure);
      }
    };
    await Promise.all(models.map(reconcile));
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} of ${models.length} endpoints were not reconciled`);
    assert(Object.keys(actions).length === models.length, 'every endpoint was visited');
    return actions;
  };
