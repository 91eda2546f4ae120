import { StateFailure } from './failure.ts';
import type { HistoryEvent } from './records.ts';

/** The end of a history: AWS fails an execution that would grow beyond. */
const HISTORY_LIMIT = 25_000;

/** Appends events. `previousEventId` is given by the strand that writes, since branches interleave. */
export interface History {
  /** @returns the event's id. @throws StateFailure States.Runtime at the limit. */
  add(previousEventId: number, type: string, detailsKey?: string, details?: Readonly<Record<string, unknown>>): number;
  /** Events so far. */
  length(): number;
}

export interface HistoryOptions {
  readonly nowMs: () => number;
  /** Id of the last event that stands. */
  readonly length: number;
  readonly write: (event: HistoryEvent) => void;
}

/** Ids are kept for how the execution ends: without room for it a full history could not say so. */
const RESERVED = 1;
const FINAL_EVENTS = new Set(['ExecutionFailed', 'ExecutionAborted', 'ExecutionTimedOut']);

export const createHistory = ({ nowMs, length, write }: HistoryOptions): History => {
  let id = length;
  return {
    length: () => id,
    add: (previousEventId, type, detailsKey, details) => {
      if (id >= HISTORY_LIMIT - RESERVED && !FINAL_EVENTS.has(type)) {
        const cause = `The execution reached the maximum number of history events (${HISTORY_LIMIT}).`;
        throw new StateFailure('States.Runtime', cause);
      }
      id += 1;
      write({
        timestampMs: nowMs(),
        type,
        id,
        previousEventId,
        ...(detailsKey === undefined ? {} : { detailsKey, details: details ?? {} }),
      });
      return id;
    },
  };
};

/** Details that carry data, which `includeExecutionData: false` leaves out. */
const DATA_FIELDS = new Set(['input', 'output', 'parameters', 'cause', 'error', 'assignedVariables']);

/** An event as GetExecutionHistory answers it. */
export const wireEvent = (event: HistoryEvent, includeData: boolean): Readonly<Record<string, unknown>> => {
  const { timestampMs, type, id, previousEventId, detailsKey, details } = event;
  const base = { timestamp: timestampMs / 1000, type, id, previousEventId };
  if (detailsKey === undefined) return base;
  const shown = Object.entries(details ?? {}).filter(([key]) => includeData || !DATA_FIELDS.has(key));
  return { ...base, [detailsKey]: Object.fromEntries(shown) };
};
