import { checkTraceId, LAST_REQUEST_TIME_MS } from '../../shared/core/traces/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { experimentIdOf } from './decode-tracking.ts';
import type { MlflowAnswer, MlflowCall } from './mlflow-route.ts';

/** Traces deleted at once. */
const DELETED_AT_ONCE = 8;
const STEP = 100;

/** @returns how many there were of them; those that time left are said in `done`. */
const deleteAll = async (
  { ports, timeIsShort }: MlflowCall,
  experimentId: string,
  traceIds: readonly string[],
): Promise<{ readonly deletedCount: number; readonly done: boolean }> => {
  let deletedCount = 0;
  for (let at = 0; at < traceIds.length; at += DELETED_AT_ONCE) {
    if (timeIsShort()) return { deletedCount, done: false };
    const some = traceIds.slice(at, at + DELETED_AT_ONCE);
    const deleted = await Promise.all(some.map((traceId) => ports.traces.delete(traceId, experimentId)));
    deletedCount += deleted.filter(Boolean).length;
  }
  return { deletedCount, done: true };
};

/** The oldest ones up to an instant. */
const deleteUntil = async (
  call: MlflowCall,
  experimentId: string,
  { toMs, most }: { readonly toMs: number; readonly most: number },
): Promise<number> => {
  let deletedCount = 0;
  while (deletedCount < most && !call.timeIsShort()) {
    const limit = Math.min(STEP, most - deletedCount);
    const { entries } = await call.ports.traces.walk({ experimentId, ascending: true, fromMs: 0, toMs, limit });
    if (entries.length === 0) break;
    const some = await deleteAll(
      call,
      experimentId,
      entries.map(({ info }) => info.traceId),
    );
    deletedCount += some.deletedCount;
    // Others may have been here first: what was listed is then gone, or somebody is writing it.
    if (!some.done || some.deletedCount === 0) break;
  }
  return deletedCount;
};

/**
 * Deletes traces by id, or the oldest up to an instant. What one call has no time for is left: the answer counts what was
 * deleted, and a further call goes on.
 * @throws InvalidRequestError unless it is said which.
 */
export const deleteTraces = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { input } = call;
  const experimentId = experimentIdOf(input);
  const traceIds = [...new Set(input.texts('request_ids'))];
  const toMs = input.integer('max_timestamp_millis');
  const most = input.integer('max_traces');
  if (toMs !== undefined && traceIds.length > 0) {
    throw new InvalidRequestError('Only one of `max_timestamp_millis` and `trace_ids` can be specified.');
  }
  if (toMs === undefined && traceIds.length === 0) {
    throw new InvalidRequestError('Either `max_timestamp_millis` or `trace_ids` must be specified.');
  }
  if (traceIds.length > 0 && most !== undefined) {
    throw new InvalidRequestError("`max_traces` can't be specified if `trace_ids` is specified.");
  }
  if (most !== undefined && most <= 0) {
    throw new InvalidRequestError(`\`max_traces\` must be a positive integer, received ${most}.`);
  }
  if (toMs === undefined) {
    const { deletedCount } = await deleteAll(call, experimentId, traceIds.map(checkTraceId));
    return { traces_deleted: deletedCount };
  }
  const bounds = { toMs: Math.min(toMs, LAST_REQUEST_TIME_MS), most: most ?? Number.MAX_SAFE_INTEGER };
  return { traces_deleted: await deleteUntil(call, experimentId, bounds) };
};
