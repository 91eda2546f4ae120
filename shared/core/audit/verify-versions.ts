import type { AuditRecord } from './audit-record.ts';
import type { AuditFinding } from './verify-chain.ts';

/** Whether model versions are as the audit log says that they were registered and decided. */

export interface StoredVersion {
  readonly home: string;
  readonly number: number;
  /** Computed anew from what is stored. */
  readonly itemDigest: string;
  readonly registeredAtMs: number;
}

const ENDINGS: ReadonlySet<string> = new Set(['delete model', 'rename model']);

/**
 * Compares the items with the newest record about each. A version from before its model had a log is told of only when
 * it claims to be younger than the log; one that is gone, only when its model was neither deleted nor renamed since.
 * @param records the model's chain.
 */
export const verifyVersions = (
  model: string,
  versions: readonly StoredVersion[],
  records: readonly AuditRecord[],
): readonly AuditFinding[] => {
  const idOf = ({ home, number }: { readonly home: string; readonly number: number }) => `${home} ${number}`;
  const statements = new Map(records.flatMap((one) => (one.version ? [[idOf(one.version), one] as const] : [])));
  const standing = new Set(versions.map(idOf));
  const logBeganAtMs = records[0]?.atMs ?? 0;
  const endedAt = records.findLast(({ action }) => ENDINGS.has(action))?.seq ?? 0;

  const found = versions.flatMap((stored): readonly AuditFinding[] => {
    const { number, itemDigest, registeredAtMs } = stored;
    const said = statements.get(idOf(stored));
    if (said === undefined) {
      if (registeredAtMs < logBeganAtMs) return [];
      return [{ model, problem: 'unlogged', message: `version ${number} is registered, but no record says so` }];
    }
    if (said.version?.itemDigest === itemDigest) return [];
    const message = `version ${number} was changed: its item is not what record ${said.seq} says`;
    return [{ model, problem: 'changed', seq: said.seq, message }];
  });
  const gone = [...statements].flatMap(([id, { seq, version }]): readonly AuditFinding[] => {
    if (version?.itemDigest === undefined || standing.has(id) || seq < endedAt) return [];
    const message = `version ${version.number}, which record ${seq} speaks of, is missing`;
    return [{ model, problem: 'removed', seq, message }];
  });
  return [...found, ...gone];
};
