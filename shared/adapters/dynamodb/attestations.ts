import { DEFAULT_WORKSPACE } from '../../contracts/registry.ts';
import type { Attestation } from '../../core/ml-test-score/index.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import { showValue } from '../../kernel/show-value.ts';
import type { Attestations } from '../../ports/attestations.ts';
import { ATTESTATION_PREFIX, attestationKey } from './attestation-keys.ts';
import { toItem } from './attribute-value.ts';
import { CONTENDED, realPacing, retryWhileContended } from './contention.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import { modelKey, nameHome } from './keys.ts';
import { findStoredModel } from './registered-models.ts';
import { commit } from './registry-commit.ts';
import type { RegistryContext } from './registry-context.ts';
import { getItem, queryItems } from './table.ts';

const DEADLINE_MS = 10_000;
/** An item of the rubric has one. */
const MOST_WORDS = 100;

/** That no word came since this one was read. */
const isStill = (standing: Attestation | undefined) =>
  standing === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: 'requestId = :standing',
        ExpressionAttributeValues: { ':standing': { S: standing.requestId } },
      };

/** Attestations in the registry's table, each change with its record in the audit log. */
export const createAttestations = (
  options: Omit<RegistryContext, 'pacing'> & Partial<Pick<RegistryContext, 'pacing'>>,
): Attestations => {
  const context: RegistryContext = { pacing: realPacing, ...options };
  const { client, registryTable: TableName, pacing } = context;

  const homeOf = async (model: string): Promise<string | undefined> => {
    const stored = await findStoredModel(context, model);
    return stored && (stored.home ?? nameHome(model));
  };

  const putOnce = async (model: string, word: Attestation): Promise<Attestation | typeof CONTENDED> => {
    const home = await homeOf(model);
    if (home === undefined) throw new NotFoundError(`model ${showValue(model)} does not exist`);
    const key = attestationKey(home, word.item);
    const item = await getItem(client, TableName, key);
    const standing = item && decodeEntity<Attestation>('Attestation', item);
    if (standing?.requestId === word.requestId) return standing;
    const isModel = { TableName, Key: toItem(modelKey(model)), ConditionExpression: 'attribute_exists(pk)' };
    const actions = [
      { Put: { TableName, Item: encodeEntity('Attestation', key, word), ...isStill(standing) } },
      { ConditionCheck: isModel },
    ];
    const { note, ...after } = word;
    const { outcome } = await commit(context, actions, {
      workspace: DEFAULT_WORKSPACE,
      model,
      action: 'attest test',
      principal: word.by,
      atMs: word.atMs,
      reason: note,
      ...(standing === undefined ? {} : { before: standing }),
      after,
    });
    // Refused, another word came first or the model was deleted: what stands now says which.
    return outcome === 'written' ? word : CONTENDED;
  };

  return {
    put: (model, word) =>
      retryWhileContended(`vouching for ${word.item} of ${model}`, DEADLINE_MS, () => putOnce(model, word), pacing),

    list: async (model) => {
      const home = await homeOf(model);
      if (home === undefined) return [];
      const { items } = await queryItems(
        client,
        {
          TableName,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': { S: home }, ':prefix': { S: ATTESTATION_PREFIX } },
          ConsistentRead: true,
        },
        MOST_WORDS,
      );
      return items.map((item) => decodeEntity<Attestation>('Attestation', item));
    },
  };
};
