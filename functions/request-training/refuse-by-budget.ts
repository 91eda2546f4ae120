import type { Definitions } from '../../shared/contracts/definitions.ts';
import type { TrainingRun } from '../../shared/core/registry/index.ts';
import { budgetRefusal, costOfRun, monthOf, spentIn } from '../../shared/core/retraining/index.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

export interface BudgetDeps {
  readonly definitions: Definitions;
  readonly registry: Pick<ModelRegistry, 'listRuns'>;
}

const PAGE_SIZE = 100;
const MOST_PAGES = 20;

/** Newest first, back to an instant; of a month with more than 2,000 runs the newest count. */
const runsSince = async (
  registry: BudgetDeps['registry'],
  model: string,
  sinceMs: number,
): Promise<readonly TrainingRun[]> => {
  const runs: TrainingRun[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, nextCursor } = await registry.listRuns(model, PAGE_SIZE, cursor);
    runs.push(...items);
    cursor = nextCursor;
    if (cursor === undefined || (items.at(-1)?.startedAtMs ?? 0) < sinceMs) break;
  }
  return runs;
};

/**
 * Why the month's budget does not bear another run, and when the month is over; undefined where it does, where none is
 * declared, and for a request that started its run before. Runs that begin within the same seconds do not see each other.
 */
export const refuseByBudget = async (
  { definitions, registry }: BudgetDeps,
  {
    model,
    requestKey,
    requestedAtMs,
  }: { readonly model: string; readonly requestKey: string; readonly requestedAtMs: number },
): Promise<{ readonly reason: string; readonly monthEndsAtMs: number } | undefined> => {
  const definition = definitions.get(model);
  const budgetUsd = definition?.retraining.budgetPerMonth;
  if (definition === undefined || budgetUsd === undefined) return undefined;
  // A definition with a budget says, or lets us reckon, what a run costs.
  const costUsd = costOfRun(definition) ?? 0;
  const month = monthOf(requestedAtMs);
  const runs = await runsSince(registry, model, month.fromMs);
  if (runs.some(({ runId }) => runId === requestKey)) return undefined;
  const reason = budgetRefusal({ month, budgetUsd, spentUsd: spentIn(month, runs, costUsd), costUsd });
  return reason === undefined ? undefined : { reason, monthEndsAtMs: month.toMs };
};
