import { hashOf, type Sha256, type StoredRecord } from '../audit/index.ts';
import { planDigest, rosterDigest } from './roster.ts';
import type { RoutingPlan } from './routing-plan.ts';

/** The verb under which a change of a plan is on record. */
export const PLAN_ACTION = 'set routing plan';

/** A plan as it is stored, with where its record is said to stand. */
export interface StoredPlan {
  readonly plan: RoutingPlan;
  readonly auditSeq: number;
}

/**
 * Why nothing may be routed by a plan: it is not what the audit log says that was written; undefined when nothing
 * speaks against it. One record is looked at, not the chain.
 */
export const planFault = (
  model: string,
  { plan, auditSeq }: StoredPlan,
  stored: StoredRecord | undefined,
  sha256: Sha256,
): string | undefined => {
  if (plan.model !== model) return `it is the plan of ${plan.model}`;
  const record = stored?.record;
  if (stored === undefined) return `record ${auditSeq} about it is missing`;
  if (record === undefined || record.model !== model || record.seq !== auditSeq) {
    return `record ${auditSeq} about it was changed`;
  }
  if (hashOf(record, sha256) !== record.hash) return `record ${auditSeq} about it was changed`;
  if (record.action !== PLAN_ACTION) return `record ${auditSeq} is about something else`;
  return record.after?.digest === planDigest(plan, sha256) ? undefined : `it is not what record ${auditSeq} says`;
};

/** What a store of plans needs to know of them. */
export const PLAN_RECORDS = { planDigest, rosterDigest, action: PLAN_ACTION } as const;
