import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { DEFAULT_WORKSPACE } from '../../contracts/registry.ts';
import type { Rollout, RolloutDecision } from '../../core/registry/index.ts';
import { InvalidStateError } from '../../kernel/errors.ts';
import type { ModelRegistry } from '../../ports/model-registry.ts';
import { toItem } from './attribute-value.ts';
import { CONTENDED, retryWhileContended } from './contention.ts';
import { rolloutKey } from './keys.ts';
import { commit, type RegistryEntry } from './registry-commit.ts';
import type { RegistryContext } from './registry-context.ts';
import { standingRollout } from './rollouts.ts';
import { setExpression } from './update-expression.ts';

/** What a person says of a running rollout: the first word stands. */

type RolloutDecisions = Pick<ModelRegistry, 'decideRollout'>;

const DEADLINE_MS = 10_000;

/** Whether that was decided already. @throws InvalidStateError when it can no longer be. */
const isDecided = (standing: Rollout, { action }: RolloutDecision): boolean => {
  const { model, rolloutId, status, decision } = standing;
  if (decision?.action === action) return true;
  if (decision !== undefined) {
    const { decidedBy, decidedAtMs, reason } = decision;
    throw new InvalidStateError(
      `rollout ${rolloutId} of ${model} cannot be decided to ${action}: ${decidedBy} decided to ${decision.action} it ` +
        `at ${new Date(decidedAtMs).toISOString()}: ${reason}`,
    );
  }
  if (status === 'RUNNING') return false;
  throw new InvalidStateError(`rollout ${rolloutId} of ${model} is ${status}: nothing is left to decide about it`);
};

const decideAction = (table: string, { model, rolloutId }: Rollout, decision: RolloutDecision): TransactWriteItem => {
  const set = setExpression({ decision });
  return {
    Update: {
      TableName: table,
      Key: toItem(rolloutKey(model, rolloutId)),
      ...set,
      ConditionExpression: '#status = :running AND attribute_not_exists(#decision)',
      ExpressionAttributeNames: { ...set.ExpressionAttributeNames, '#status': 'status' },
      ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ':running': { S: 'RUNNING' } },
    },
  };
};

const entryOf = (
  { model, rolloutId, version }: Rollout,
  { action, reason, decidedBy: principal, decidedAtMs: atMs }: RolloutDecision,
): RegistryEntry => {
  const about = { workspace: DEFAULT_WORKSPACE, model, version, principal, atMs, reason };
  return { ...about, action: 'decide rollout', after: { rolloutId, decision: action } };
};

export const rolloutDecisions = (context: RegistryContext): RolloutDecisions => ({
  decideRollout: ({ model, rolloutId, ...decision }) =>
    retryWhileContended(
      `deciding about rollout ${model}/${rolloutId}`,
      DEADLINE_MS,
      async () => {
        const standing = await standingRollout(context, model, rolloutId);
        if (isDecided(standing, decision)) return standing;
        const update = decideAction(context.registryTable, standing, decision);
        const { outcome } = await commit(context, [update], entryOf(standing, decision));
        return outcome === 'written' ? { ...standing, decision } : CONTENDED;
      },
      context.pacing,
    ),
});
