import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { CompareVersionsInput } from '../../shared/contracts/shadow.ts';
import type { ShadowVerdict } from '../../shared/core/deployment/index.ts';
import { logLine } from '../../shared/kernel/log.ts';
import { MINUTE_MS } from '../../shared/kernel/time.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { choosePair, type NoPair } from './choose-pair.ts';
import { comparePair, type PairSources } from './compare-pair.ts';
import { endCanary } from './end-canary.ts';

interface Deps extends Omit<PairSources, 'hasTime'> {
  readonly definitions: Definitions;
  readonly registry: Pick<
    ModelRegistry,
    'getDeployment' | 'listVersions' | 'getVersion' | 'getServingSnapshot' | 'getRollout' | 'decideRollout'
  >;
}

interface Invocation {
  getRemainingTimeInMillis(): number;
}

type Output =
  | { readonly outcome: 'not declared' }
  | NoPair
  | {
      readonly outcome: ShadowVerdict['decision'];
      readonly reason: string;
      readonly challenger: number;
      readonly champion: number;
      readonly comparedDays: readonly string[];
    };

/** Left of an invocation, below which no other day is begun. */
const DAY_TAKES_MS = 5 * MINUTE_MS;

/**
 * Scores what was captured by the newest challenger and the champion, on each day whose labels are complete by now. A day
 * is written once, so that running it twice, late, or at once with another changes nothing.
 */
export const createHandler =
  (deps: Deps) =>
  async (event: unknown, context: Invocation): Promise<Output> => {
    const { model, scheduledAt } = parse(CompareVersionsInput, event);
    const { definitions, registry } = deps;
    const definition = definitionOf(definitions, model);
    const { shadow } = definition.deployment;
    if (shadow === undefined) return { outcome: 'not declared' };
    const chosen = await choosePair(registry, model);
    if ('outcome' in chosen) return chosen;
    const pair = { definition, shadow, ...chosen, dueMs: Date.parse(scheduledAt) };
    const hasTime = () => context.getRemainingTimeInMillis() > DAY_TAKES_MS;
    const { verdict, comparedDays } = await comparePair({ ...deps, hasTime }, pair);
    const { decision, reason } = verdict;
    const about = { challenger: chosen.challenger.version, champion: chosen.champion.version, comparedDays };
    logLine('info', 'versions compared', { model, ...about, decision, reason });
    if (decision === 'worse' && shadow.decide === 'gate') await endCanary(deps, model, about.challenger, reason);
    return { outcome: decision, reason, ...about };
  };
