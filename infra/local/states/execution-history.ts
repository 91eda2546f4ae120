import type { ServiceContext } from '../contracts.ts';
import { logEvent } from './announce.ts';
import { createHistory, type History } from './history.ts';
import { type ExecutionRecord, historyKey, type StatesTables } from './records.ts';

/**
 * Events in an execution's history. Ids have no gaps: of an execution under way the last one is found by walking on
 * from the checkpoint, so that no counter has to be written with every event.
 */
export const historyLength = (tables: StatesTables, record: ExecutionRecord): number => {
  if (record.historyLength !== undefined) return record.historyLength;
  let length = tables.checkpoints.get(record.arn)?.lastEventId ?? 0;
  while (tables.history.get(historyKey(record.arn, length + 1)) !== undefined) length += 1;
  return length;
};

/** Opens the history of an execution to append to it. */
export const openHistory = (context: ServiceContext, tables: StatesTables, record: ExecutionRecord): History =>
  createHistory({
    nowMs: context.clock.nowMs,
    length: historyLength(tables, record),
    write: (event) => {
      tables.history.put(historyKey(record.arn, event.id), event);
      logEvent(context, record, event);
    },
  });
