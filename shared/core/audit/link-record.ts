import { assert } from '../../kernel/assert.ts';
import type { JsonObject, JsonValue } from '../../kernel/json.ts';
import { type AuditEntry, type AuditRecord, CHAIN_START, type ChainHead, type Sha256 } from './audit-record.ts';
import { canonicalJson } from './canonical-json.ts';

/** Longest text that a record holds whole, and how much of a longer one it keeps. UTF-16 code units. */
const LONGEST_TEXT = 1_000;
const KEPT_TEXT = 200;
/** Longest `before` and `after`, as canonical JSON: a record stays far below the 400 KB of an item. */
const LONGEST_STATE = 16_000;

export const hashOf = ({ hash: _, ...record }: AuditRecord, sha256: Sha256): string => sha256(canonicalJson(record));

/** Long text is cut, and identified by its digest: whoever has the whole can still show that it is the one. */
const boundedText = (text: string, sha256: Sha256): string => {
  const whole = text.toWellFormed();
  if (whole.length <= LONGEST_TEXT) return whole;
  return `${whole.slice(0, KEPT_TEXT).toWellFormed()}… (${whole.length} characters, sha256 ${sha256(whole)})`;
};

const bounded = (value: JsonValue, sha256: Sha256): JsonValue => {
  if (typeof value === 'string') return boundedText(value, sha256);
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((one: JsonValue) => bounded(one, sha256));
  return Object.fromEntries(
    Object.entries(value as JsonObject)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name.toWellFormed(), bounded(field, sha256)]),
  );
};

const boundedState = (state: JsonObject, sha256: Sha256): JsonObject => {
  const kept = bounded(state, sha256) as JsonObject;
  const text = canonicalJson(kept);
  return text.length <= LONGEST_STATE ? kept : { cutCharacters: text.length, sha256: sha256(text) };
};

/** The record that follows `head`; the first of its chain when there is none. Long texts are cut. */
export const linkRecord = (head: ChainHead | undefined, entry: AuditEntry, sha256: Sha256): AuditRecord => {
  assert(head === undefined || head.model === entry.model, `an entry of ${entry.model} cannot follow another model's`);
  assert(Number.isSafeInteger(entry.atMs), `an entry has a time in whole milliseconds, got ${entry.atMs}`);
  const { before, after, reason, version } = entry;
  const record = {
    model: entry.model,
    seq: (head?.seq ?? 0) + 1,
    atMs: entry.atMs,
    principal: boundedText(entry.principal, sha256),
    action: entry.action,
    ...(before === undefined ? {} : { before: boundedState(before, sha256) }),
    ...(after === undefined ? {} : { after: boundedState(after, sha256) }),
    ...(reason === undefined ? {} : { reason: boundedText(reason, sha256) }),
    ...(version === undefined ? {} : { version }),
    previousHash: head?.hash ?? CHAIN_START,
  };
  return { ...record, hash: sha256(canonicalJson(record)) };
};
