import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { DEFAULT_WORKSPACE } from '../../contracts/registry.ts';
import type { PLAN_RECORDS, PlanDraft, Roster, RoutingPlan } from '../../core/routing/index.ts';
import { assert } from '../../kernel/assert.ts';
import { NotFoundError } from '../../kernel/errors.ts';
import type { PlanChange, RoutingPlans } from '../../ports/routing-plans.ts';
import { toItem } from './attribute-value.ts';
import { chainName } from './audit-keys.ts';
import { type AuditContext, auditActions, readHead, sha256 } from './audit-log.ts';
import { CONTENDED, type RetryPacing, realPacing, retryWhileContended } from './contention.ts';
import { decodeEntity, encodeEntity, entityFields } from './entity.ts';
import { routingPlanKey, routingRosterKey } from './keys.ts';
import { call, getItem, transact } from './table.ts';
import { setExpression } from './update-expression.ts';

const DEADLINE_MS = 10_000;

/** The plan's item: the plan, and where in the audit log its record stands. */
interface PlanItem extends RoutingPlan {
  readonly auditSeq: number;
}

interface Options {
  readonly client: DynamoDBClient;
  readonly registryTable: string;
  /** Absent where a function may not change plans: it is refused there. */
  readonly audit?: AuditContext;
  /** `PLAN_RECORDS` of `core/routing`. */
  readonly routing: typeof PLAN_RECORDS;
  readonly pacing?: RetryPacing;
}

/** What a record says of a plan: enough to see who had what, and the digest that answers for all of it. */
const summaryOf = ({ revision, salt, champion, arms, experiment }: RoutingPlan) => ({
  revision,
  salt,
  champion,
  shares: Object.fromEntries(arms.map(({ version, share }) => [String(version), share])),
  ...(experiment === undefined ? {} : { experiment: { ...experiment } }),
});

/** Plans and rosters in the registry's table, each change of a plan with its record in the audit log. */
export const createRoutingPlans = (options: Options): RoutingPlans => {
  const { client, registryTable, audit, routing, pacing = realPacing } = options;

  const read = async (model: string): Promise<PlanItem | undefined> => {
    const item = await getItem(client, registryTable, routingPlanKey(model));
    return item === undefined ? undefined : decodeEntity<PlanItem>('RoutingPlan', item);
  };

  const planOf = ({ auditSeq: _, ...plan }: PlanItem): RoutingPlan => plan;

  const write = async (
    { model, principal, atMs, reason }: PlanChange,
    standing: PlanItem | undefined,
    draft: PlanDraft,
  ): Promise<RoutingPlan | typeof CONTENDED> => {
    assert(audit !== undefined, 'a function without AUDIT_TABLE may not change a routing plan');
    const plan: RoutingPlan = { ...draft, revision: (standing?.revision ?? 0) + 1 };
    const chain = chainName(model, DEFAULT_WORKSPACE);
    const head = await readHead(client, audit, chain);
    const entry = {
      model: chain,
      atMs,
      principal,
      action: routing.action,
      ...(standing === undefined ? {} : { before: summaryOf(standing) }),
      after: { ...summaryOf(plan), digest: routing.planDigest(plan, sha256) },
      ...(reason === undefined ? {} : { reason }),
    };
    const { record, actions } = auditActions(audit, head, entry);
    const item = encodeEntity('RoutingPlan', routingPlanKey(model), { ...plan, auditSeq: record.seq });
    const condition =
      standing === undefined
        ? { ConditionExpression: 'attribute_not_exists(pk)' }
        : {
            ConditionExpression: '#revision = :revision',
            ExpressionAttributeNames: { '#revision': 'revision' },
            ExpressionAttributeValues: { ':revision': { N: String(standing.revision) } },
          };
    const { outcome } = await transact(client, [
      { Put: { TableName: registryTable, Item: item, ...condition } },
      ...actions,
    ]);
    return outcome === 'written' ? plan : CONTENDED;
  };

  return {
    get: async (model) => {
      const item = await read(model);
      return item === undefined ? undefined : planOf(item);
    },

    change: (change, decide) =>
      retryWhileContended(
        `changing the routing plan of ${change.model}`,
        DEADLINE_MS,
        async () => {
          const standing = await read(change.model);
          const draft = await decide(standing === undefined ? undefined : planOf(standing));
          if (draft === undefined) return standing === undefined ? undefined : planOf(standing);
          return write(change, standing, draft);
        },
        pacing,
      ),

    keepRoster: async (roster) => {
      const digest = routing.rosterDigest(roster, sha256);
      // The same bytes under the same key: written twice, nothing has changed.
      const set = setExpression({ ...entityFields('RoutingRoster'), ...roster });
      const Key = toItem(routingRosterKey(roster.model, digest));
      await call(() => client.send(new UpdateItemCommand({ TableName: registryTable, Key, ...set })));
      return digest;
    },

    getRoster: async (model, digest) => {
      const item = await getItem(client, registryTable, routingRosterKey(model, digest));
      if (item === undefined) throw new NotFoundError(`roster ${digest} of ${model} does not exist`);
      return decodeEntity<Roster>('RoutingRoster', item);
    },
  };
};
