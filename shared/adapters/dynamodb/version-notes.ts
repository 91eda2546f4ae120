import { DEFAULT_WORKSPACE } from '../../contracts/registry.ts';
import { assert } from '../../kernel/assert.ts';
import type { VersionComment, VersionComments } from '../../ports/version-comments.ts';
import { fromItem, toItem } from './attribute-value.ts';
import { CONTENDED, realPacing, retryWhileContended } from './contention.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { decodeEntity, encodeEntity } from './entity.ts';
import { commentIdKey, commentKey, commentPrefix } from './governance-keys.ts';
import { versionKey } from './keys.ts';
import { locateVersion } from './locate-version.ts';
import { commit } from './registry-commit.ts';
import type { RegistryContext } from './registry-context.ts';
import { getItem, queryPage } from './table.ts';

const DEADLINE_MS = 10_000;

/** Comments on versions, in the registry's table. */
export const createVersionComments = (
  options: Omit<RegistryContext, 'pacing'> & Partial<Pick<RegistryContext, 'pacing'>>,
): VersionComments => {
  const context: RegistryContext = { pacing: realPacing, ...options };
  const { client, registryTable: TableName, pacing } = context;

  const addOnce = async (
    model: string,
    version: number,
    comment: VersionComment,
  ): Promise<VersionComment | typeof CONTENDED> => {
    const { id, author: principal, atMs } = comment;
    const { home } = await locateVersion(context, model, version);
    const known = await getItem(client, TableName, commentIdKey(home, version, id));
    if (known !== undefined) {
      const at = Number(fromItem(known).atMs);
      const item = await getItem(client, TableName, commentKey(home, version, { atMs: at, id }));
      assert(item !== undefined, `comment ${id} on ${model}@${version} stands where its id says`);
      return decodeEntity<VersionComment>('VersionComment', item);
    }
    const isNew = { ConditionExpression: 'attribute_not_exists(pk)' } as const;
    const idItem = encodeEntity('VersionCommentId', commentIdKey(home, version, id), { atMs });
    const item = encodeEntity('VersionComment', commentKey(home, version, comment), comment);
    const actions = [
      { Put: { TableName, Item: idItem, ...isNew } },
      { Put: { TableName, Item: item, ...isNew } },
      {
        ConditionCheck: {
          TableName,
          Key: toItem(versionKey(home, version)),
          ConditionExpression: 'attribute_exists(pk)',
        },
      },
    ];
    const entry = {
      workspace: DEFAULT_WORKSPACE,
      model,
      version,
      action: 'comment on version',
      principal,
      atMs,
    } as const;
    const { outcome } = await commit(context, actions, entry);
    // Refused, the same came first or the version was deleted: what stands now says which.
    return outcome === 'written' ? comment : CONTENDED;
  };

  return {
    add: (model, version, comment) => {
      const what = `commenting on ${model}@${version}`;
      return retryWhileContended(what, DEADLINE_MS, () => addOnce(model, version, comment), pacing);
    },

    list: async (model, version, limit, cursor) => {
      const { home: pk } = await locateVersion(context, model, version);
      const prefix = commentPrefix(version);
      const after = cursor === undefined ? undefined : decodeCursor(cursor, /^\d{15}#[\w-]{1,128}$/);
      const { items, hasMore } = await queryPage(client, {
        TableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: pk }, ':prefix': { S: prefix } },
        ConsistentRead: true,
        Limit: limit,
        ...(after === undefined ? {} : { ExclusiveStartKey: toItem({ pk, sk: `${prefix}${after}` }) }),
      });
      const last = items.at(-1)?.sk?.S;
      return {
        items: items.map((item) => decodeEntity<VersionComment>('VersionComment', item)),
        ...(hasMore && last !== undefined ? { nextCursor: encodeCursor(last.slice(prefix.length)) } : {}),
      };
    },
  };
};
