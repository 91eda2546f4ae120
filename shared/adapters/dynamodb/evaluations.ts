import { DEFAULT_WORKSPACE } from '../../contracts/registry.ts';
import type { VersionScore } from '../../core/governance/index.ts';
import { LimitExceededError } from '../../kernel/errors.ts';
import type { VersionEvaluations } from '../../ports/version-evaluations.ts';
import { toItem } from './attribute-value.ts';
import { CONTENDED, realPacing, retryWhileContended } from './contention.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import { EVALUATION_PREFIX, evaluationKey, evaluationPrefix } from './governance-keys.ts';
import { unchanged } from './guarded-update.ts';
import { nameHome, versionKey } from './keys.ts';
import { locateVersion } from './locate-version.ts';
import { findStoredModel } from './registered-models.ts';
import { commit } from './registry-commit.ts';
import type { RegistryContext } from './registry-context.ts';
import { getItem, queryItems } from './table.ts';

const DEADLINE_MS = 10_000;
const MOST_SCORES = 5_000;

const isSame = (a: VersionScore, b: VersionScore): boolean => {
  const textOf = ({ metrics, digest }: VersionScore) => JSON.stringify([Object.entries(metrics).toSorted(), digest]);
  return textOf(a) === textOf(b);
};

/** That no other score came since this one was read. */
const isStill = (standing: VersionScore | undefined) =>
  standing === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : unchanged({ digest: undefined, ...standing }, ['metrics', 'digest', 'by', 'atMs']);

/** Scores in the registry's table, each change with its record in the audit log. */
export const createVersionEvaluations = (
  options: Omit<RegistryContext, 'pacing'> & Partial<Pick<RegistryContext, 'pacing'>>,
): VersionEvaluations => {
  const context: RegistryContext = { pacing: realPacing, ...options };
  const { client, registryTable, pacing } = context;

  const putOnce = async (model: string, score: VersionScore): Promise<VersionScore | typeof CONTENDED> => {
    const { version, dataset, metrics, digest, by: principal, atMs } = score;
    const { home } = await locateVersion(context, model, version);
    const key = evaluationKey(home, version, dataset);
    const item = await getItem(client, registryTable, key);
    const standing = item && decodeEntity<VersionScore>('VersionEvaluation', item);
    if (standing !== undefined && isSame(standing, score)) return standing;
    const actions = [
      { Put: { TableName: registryTable, Item: encodeEntity('VersionEvaluation', key, score), ...isStill(standing) } },
      {
        ConditionCheck: {
          TableName: registryTable,
          Key: toItem(versionKey(home, version)),
          ConditionExpression: 'attribute_exists(pk)',
        },
      },
    ];
    const { outcome } = await commit(context, actions, {
      workspace: DEFAULT_WORKSPACE,
      model,
      version,
      action: 'evaluate version',
      principal,
      atMs,
      ...(standing === undefined ? {} : { before: { dataset, metrics: standing.metrics } }),
      after: { dataset, metrics, ...(digest === undefined ? {} : { digest }) },
    });
    // Refused, another score came first or the version was deleted: what stands now says which.
    return outcome === 'written' ? score : CONTENDED;
  };

  return {
    put: (model, score) => {
      const what = `recording a score of ${model}@${score.version}`;
      return retryWhileContended(what, DEADLINE_MS, () => putOnce(model, score), pacing);
    },

    list: async (model, version) => {
      const home = (await findStoredModel(context, model))?.home ?? nameHome(model);
      const prefix = version === undefined ? EVALUATION_PREFIX : evaluationPrefix(version);
      const { items, hasMore } = await queryItems(
        client,
        {
          TableName: registryTable,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: home }, ':prefix': { S: prefix } },
          ConsistentRead: true,
        },
        MOST_SCORES,
      );
      if (hasMore) throw new LimitExceededError(`model ${model} has more than ${MOST_SCORES} scores`);
      return items.map((item) => decodeEntity<VersionScore>('VersionEvaluation', item));
    },
  };
};
