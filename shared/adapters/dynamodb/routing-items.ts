import type { StoredRecord } from '../../core/audit/index.ts';
import type { Roster, RoutingPlan, StoredPlan } from '../../core/routing/index.ts';
import { decodeRecord } from './audit-items.ts';
import { recordKey } from './audit-keys.ts';
import { decodeEntity } from './entity.ts';
import { routingPlanKey, routingRosterKey } from './keys.ts';
import type { ReadItem } from './version-evidence.ts';

/** What a function needs to divide its requests, by whichever client it has: the inference function has not the SDK's. */
export interface RoutingItems {
  plan(model: string): Promise<StoredPlan | undefined>;
  /** What stands in the audit log where a plan's record is said to be. */
  record(model: string, auditSeq: number): Promise<StoredRecord | undefined>;
  roster(model: string, digest: string): Promise<Roster | undefined>;
}

interface Tables {
  readonly readItem: ReadItem;
  readonly registryTable: string;
  readonly auditTable: string;
}

export const createRoutingItems = ({ readItem, registryTable, auditTable }: Tables): RoutingItems => ({
  plan: async (model) => {
    const item = await readItem(registryTable, routingPlanKey(model));
    if (item === undefined) return undefined;
    const { auditSeq, ...plan } = decodeEntity<RoutingPlan & { readonly auditSeq: number }>('RoutingPlan', item);
    return { plan, auditSeq };
  },
  record: async (model, auditSeq) => {
    const item = await readItem(auditTable, recordKey(model, auditSeq));
    return item === undefined ? undefined : decodeRecord(item);
  },
  roster: async (model, digest) => {
    const item = await readItem(registryTable, routingRosterKey(model, digest));
    return item === undefined ? undefined : decodeEntity<Roster>('RoutingRoster', item);
  },
});
