import type { LocalClock } from '../contracts.ts';
import { type ExecutionRecord, historyKey, type StatesTables } from './records.ts';

/**
 * Step Functions keeps an execution for so long after it ended; then it is unknown and its name is free again.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const RETENTION_MS = 90 * 86_400_000;

const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
const endedKey = (record: ExecutionRecord): string => `${dayOf(record.stopMs ?? 0)}/${record.arn}`;

/** True once AWS would no longer know the execution. */
export const isExpired = (record: ExecutionRecord, nowMs: number): boolean =>
  record.stopMs !== undefined && record.stopMs + RETENTION_MS <= nowMs;

/** Forgets an execution, its history, and its Map Runs with their children. */
export const forget = (tables: StatesTables, record: ExecutionRecord): void => {
  for (let id = 1; id <= (record.historyLength ?? 0); id += 1) tables.history.delete(historyKey(record.arn, id));
  for (const arn of record.mapRunArns ?? []) {
    for (const [key, { executionArn }] of tables.mapBatches.entries(`${arn}/`)) {
      const child = executionArn === undefined ? undefined : tables.executions.get(executionArn);
      if (child) forget(tables, child);
      tables.mapBatches.delete(key);
    }
    tables.mapRuns.delete(arn);
  }
  tables.checkpoints.delete(record.arn);
  tables.executions.delete(record.arn);
  tables.ended.delete(endedKey(record));
};

/** A Map Run under way for months still wants the outputs of its first children. */
const isNeeded = (tables: StatesTables, { mapRun }: ExecutionRecord): boolean =>
  mapRun !== undefined && tables.mapRuns.get(mapRun.arn) !== undefined;

export interface Retention {
  /** Notes that an execution ended. */
  ended(record: ExecutionRecord): void;
  /** Takes an execution that runs again off the list. */
  redriven(record: ExecutionRecord): void;
  /** Forgets what is past its retention; looks at each virtual day once. */
  sweep(): void;
}

export const createRetention = (clock: LocalClock, tables: StatesTables): Retention => {
  let sweptBefore: string | undefined;
  return {
    ended: (record) => tables.ended.put(endedKey(record), true),
    redriven: (record) => tables.ended.delete(endedKey(record)),
    sweep: () => {
      const nowMs = clock.nowMs();
      const before = dayOf(nowMs - RETENTION_MS);
      if (sweptBefore === before) return;
      for (const [key] of tables.ended.entries()) {
        if (key.slice(0, 10) >= before) break;
        const record = tables.executions.get(key.slice(11));
        if (record && isExpired(record, nowMs) && !isNeeded(tables, record)) forget(tables, record);
      }
      sweptBefore = before;
    },
  };
};
