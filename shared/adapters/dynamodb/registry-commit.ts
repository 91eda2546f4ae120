import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { AuditEntry, VersionStatement } from '../../core/audit/index.ts';
import { assert } from '../../kernel/assert.ts';
import type { JsonObject } from '../../kernel/json.ts';
import type { Item } from './attribute-value.ts';
import { chainName } from './audit-keys.ts';
import { auditActions, readHead } from './audit-log.ts';
import { VERSION_PREFIX } from './keys.ts';
import type { RegistryContext } from './registry-context.ts';
import { type TransactionOutcome, transact } from './table.ts';
import { versionItemDigest } from './version-evidence.ts';

export type RegistryAction =
  | 'create model'
  | 'describe model'
  | 'rename model'
  | 'delete model'
  | 'set model tag'
  | 'delete model tag'
  | 'set alias'
  | 'delete alias'
  | 'register version'
  | 'package version'
  | 'note packaging'
  | 'describe version'
  | 'approve version'
  | 'decide version'
  | 'retire version'
  | 'reinstate version'
  | 'archive version'
  | 'collect version'
  | 'evaluate version'
  | 'comment on version'
  | 'attest test'
  | 'set version stage'
  | 'delete version'
  | 'set version tag'
  | 'delete version tag'
  | 'start rollout'
  | 'decide rollout'
  | 'end rollout'
  | 'deploy version';

/** What a change of the registry was, for whoever asks later. */
export interface RegistryEntry {
  readonly workspace: string;
  readonly model: string;
  readonly version?: number;
  readonly action: RegistryAction;
  readonly principal: string;
  readonly atMs: number;
  readonly before?: object;
  readonly after?: object;
  readonly reason?: string;
  /** The version's item as it will stand, when an update changes what is governed in it. */
  readonly versionItem?: Item;
}

/** Notes that anybody may write at any time: governance and deployment are on record, and the record is one hot item. */
const NOTES: ReadonlySet<RegistryAction> = new Set([
  'describe model',
  'set model tag',
  'delete model tag',
  'describe version',
  'note packaging',
  'set version tag',
  'delete version tag',
  'comment on version',
]);

const isNote = ([name]: readonly [string, unknown]): boolean => name === 'tags' || name === 'description';

/** A state without its notes, which may hold anything. Dates and the like become what JSON makes of them. */
const withoutNotes = (state: object | undefined, version?: number): JsonObject | undefined => {
  const fields = Object.entries(state ?? {}).filter((field) => !isNote(field));
  const all = [...(version === undefined ? [] : [['version', version] as const]), ...fields];
  return all.length === 0 ? undefined : (JSON.parse(JSON.stringify(Object.fromEntries(all))) as JsonObject);
};

/** What the actions do to the item of a version, for the record to answer for it. */
const statementOf = (actions: readonly TransactWriteItem[], item: Item | undefined): VersionStatement | undefined => {
  const written = item ?? actions.find(({ Put }) => Put?.Item?.entityType?.S === 'ModelVersion')?.Put?.Item;
  const key = written ?? actions.find(({ Delete }) => Delete?.Key?.sk?.S?.startsWith(VERSION_PREFIX))?.Delete?.Key;
  if (key === undefined) return undefined;
  const home = key.pk?.S ?? '';
  const number = Number(key.sk?.S?.slice(VERSION_PREFIX.length));
  return { home, number, ...(written === undefined ? {} : { itemDigest: versionItemDigest(written) }) };
};

const auditEntry = (entry: RegistryEntry, actions: readonly TransactWriteItem[]): AuditEntry => {
  const { workspace, model, action, principal, atMs, reason } = entry;
  const before = withoutNotes(entry.before, entry.after === undefined ? entry.version : undefined);
  const after = entry.after === undefined ? undefined : withoutNotes(entry.after, entry.version);
  const version = statementOf(actions, entry.versionItem);
  return {
    model: chainName(model, workspace),
    atMs,
    principal,
    action,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(reason === undefined ? {} : { reason }),
    ...(version === undefined ? {} : { version }),
  };
};

/**
 * The one way in which a registered model, its versions, aliases, rollouts and deployment are changed: all actions in
 * one transaction with the record of the change. The actions' refusals come back in their order; that another record
 * came first is contention.
 */
export const commit = async (
  { client, audit }: Pick<RegistryContext, 'client' | 'audit'>,
  actions: readonly TransactWriteItem[],
  entry: RegistryEntry,
): Promise<TransactionOutcome> => {
  if (NOTES.has(entry.action)) return transact(client, actions);
  assert(audit !== undefined, `a function without AUDIT_TABLE may not ${entry.action}`);
  const line = auditEntry(entry, actions);
  const record = auditActions(audit, await readHead(client, audit, line.model), line);
  const result = await transact(client, [...actions, ...record.actions]);
  if (result.outcome !== 'refused') return result;
  const refusals = result.refusals.slice(0, actions.length);
  return refusals.some(({ refused }) => refused) ? { outcome: 'refused', refusals } : { outcome: 'contended' };
};
