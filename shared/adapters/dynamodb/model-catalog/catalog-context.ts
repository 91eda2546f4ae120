import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Authorship } from '../../../core/registry/index.ts';
import { CONTENDED, retryWhileContended } from '../contention.ts';
import { commit, type RegistryEntry } from '../registry-commit.ts';
import type { RegistryContext } from '../registry-context.ts';

/** What every part of a workspace's catalog works with. */
export interface CatalogContext extends Omit<RegistryContext, 'lineageTable'> {
  readonly workspace: string;
  /** 16 random bytes in lower-case hex. */
  readonly newId: () => string;
}

/** Within API Gateway's 29 s. */
const DEADLINE_MS = 20_000;

/** What a change writes, if all that it was decided on still stands. */
export interface Change<T> {
  readonly actions: readonly TransactWriteItem[];
  readonly entry: Omit<RegistryEntry, 'workspace' | keyof Authorship>;
  readonly result: T;
  /** What is wrong, if a refusal tells it without reading anew; one per action. */
  readonly refused?: (refusals: readonly { readonly refused: boolean }[]) => Error | undefined;
}

/** A change that came to nothing: it is so already. */
export const unchangedResult = <T>(result: T): { readonly done: T } => ({ done: result });

/**
 * Reads, decides and writes until nobody came between. A refusal means that what was read is old by now: the next round
 * reads anew, and says what is wrong if something is.
 */
export const change = <T>(
  context: CatalogContext,
  what: string,
  by: Authorship,
  decide: () => Promise<Change<T> | { readonly done: T }>,
): Promise<T> =>
  retryWhileContended(
    what,
    DEADLINE_MS,
    async () => {
      const decided = await decide();
      if ('done' in decided) return decided.done;
      const { actions, entry, result } = decided;
      const outcome = await commit(context, actions, { ...entry, ...by, workspace: context.workspace });
      if (outcome.outcome === 'written') return result;
      const wrong = outcome.outcome === 'refused' ? decided.refused?.(outcome.refusals) : undefined;
      if (wrong !== undefined) throw wrong;
      return CONTENDED;
    },
    context.pacing,
  );
