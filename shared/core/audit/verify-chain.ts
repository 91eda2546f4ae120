import { type AuditRecord, CHAIN_START, type ChainHead, type SealedHead, type Sha256 } from './audit-record.ts';
import { hashOf } from './link-record.ts';

/** What of a chain is not as it was written. */

export interface AuditFinding {
  readonly model: string;
  readonly problem: 'changed' | 'removed' | 'inserted' | 'reordered' | 'rewritten' | 'unlogged';
  /** The record, where one is meant. */
  readonly seq?: number;
  /** What it is about and what is wrong, in a sentence. */
  readonly message: string;
}

/** What lies at a place of a chain. */
export interface StoredRecord {
  /** The number by which it is stored; 0 for a key that is no record's. */
  readonly position: number;
  /** Absent when what is stored is not of a record's form. */
  readonly record?: AuditRecord;
}

export interface StoredChain {
  readonly model: string;
  /** In order of their positions. */
  readonly records: readonly StoredRecord[];
  /** `malformed`: what is stored is not of a head's form. */
  readonly head: ChainHead | undefined | 'malformed';
  readonly sealedHeads: readonly SealedHead[];
}

type Report = (problem: AuditFinding['problem'], seq: number | undefined, message: string) => AuditFinding;

/** A record that is where it belongs and whose hash is its own. */
const faultOf = (model: string, { position, record }: StoredRecord, report: Report, sha256: Sha256) => {
  if (record === undefined) return report('changed', position, `record ${position} is not of a record's form`);
  if (record.model !== model || record.seq !== position) {
    const told = `${record.model} ${record.seq}`;
    return hashOf(record, sha256) === record.hash
      ? report('reordered', position, `record ${position} holds what was written as record ${told}`)
      : report('changed', position, `record ${position} was changed: it calls itself ${told}`);
  }
  if (hashOf(record, sha256) === record.hash) return undefined;
  return report('changed', position, `record ${position} was changed: its hash is not that of what it says`);
};

const range = (first: number, last: number): string =>
  first === last ? `record ${first} is missing` : `records ${first} to ${last} are missing`;

/** Whether a record, whole in itself, follows the one before. */
const linkFault = (record: AuditRecord, before: AuditRecord | undefined, report: Report): AuditFinding | undefined => {
  const { seq } = record;
  if (record.previousHash === (before?.hash ?? CHAIN_START)) return undefined;
  const place = before === undefined ? 'the start of a chain' : `record ${before.seq}: one of the two was replaced`;
  return report('inserted', seq, `record ${seq} does not follow ${place}`);
};

const verifyRecords = ({ model, records }: StoredChain, report: Report, sha256: Sha256): readonly AuditFinding[] => {
  const faults = records.map((stored) => faultOf(model, stored, report, sha256));
  return records.flatMap((stored, i): readonly AuditFinding[] => {
    const last = records[i - 1]?.position ?? 0;
    const { position, record } = stored;
    const gap = position === last + 1 ? [] : [report('removed', last + 1, range(last + 1, position - 1))];
    // Beside a record that is missing or faulty there is nothing to compare with.
    const comparable = gap.length === 0 && (i === 0 || faults[i - 1] === undefined);
    const before = comparable ? records[i - 1]?.record : undefined;
    const fault = faults[i] ?? (record && comparable ? linkFault(record, before, report) : undefined);
    return fault === undefined ? gap : [...gap, fault];
  });
};

const verifyHead = ({ model, records, head }: StoredChain, report: Report): readonly AuditFinding[] => {
  const last = records.at(-1);
  if (head === 'malformed' || (head !== undefined && head.model !== model)) {
    return [report('changed', undefined, "the head of the chain is not of a head's form")];
  }
  if (head === undefined) {
    return last === undefined ? [] : [report('removed', undefined, 'the head of the chain is missing')];
  }
  const lastPosition = last?.position ?? 0;
  if (head.seq > lastPosition) {
    const gone = range(lastPosition + 1, head.seq);
    return [report('removed', lastPosition + 1, `${gone} at the end: the head is at ${head.seq}`)];
  }
  if (head.seq < lastPosition) {
    return [report('inserted', head.seq + 1, `the head is at ${head.seq}, but records go on to ${lastPosition}`)];
  }
  if (last?.record === undefined || last.record.hash === head.hash) return [];
  return [report('changed', head.seq, `the head's hash is not that of record ${head.seq}: one of the two was changed`)];
};

const verifySeals = ({ records, sealedHeads }: StoredChain, report: Report): readonly AuditFinding[] => {
  const byPosition = new Map(records.map((stored) => [stored.position, stored.record]));
  return sealedHeads.flatMap(({ day, seq, hash }) => {
    if (!byPosition.has(seq)) {
      return [report('removed', seq, `record ${seq}, which was sealed on ${day}, is missing`)];
    }
    const record = byPosition.get(seq);
    if (record === undefined || record.hash === hash) return [];
    return [report('rewritten', seq, `record ${seq} is not the one that was sealed on ${day}`)];
  });
};

/**
 * Finds every record that was changed, removed, put in between or moved, and a chain that was written anew: its own
 * hashes agree then, but the heads that were sealed do not. What was cut off at the end together with the head since
 * the last seal cannot be found.
 * @returns nothing for a chain that is as it was written.
 */
export const verifyChain = (chain: StoredChain, sha256: Sha256): readonly AuditFinding[] => {
  const report: Report = (problem, seq, message) => ({
    model: chain.model,
    problem,
    ...(seq === undefined ? {} : { seq }),
    message,
  });
  const placed = { ...chain, records: chain.records.filter(({ position }) => position > 0) };
  const strayCount = chain.records.length - placed.records.length;
  return [
    ...verifyRecords(placed, report, sha256),
    ...(strayCount === 0
      ? []
      : [report('inserted', undefined, `${strayCount} items of the chain have no record's key`)]),
    ...verifyHead(placed, report),
    ...verifySeals(placed, report),
  ];
};
