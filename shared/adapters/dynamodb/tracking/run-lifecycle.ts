import { UnavailableError } from '../../../kernel/errors.ts';
import type { IndexPosition, TrackingStore } from '../../../ports/tracking-store.ts';
import { readHeaders } from './run-index.ts';
import { changeRun } from './runs.ts';
import type { TrackingContext } from './tracking-context.ts';

/** The runs of an experiment follow it when it is deleted or restored. */

const PAGE = 200;
const PARALLEL = 8;

/**
 * By the headers, so that what was done before costs a read only.
 * @throws UnavailableError when the deadline passes first: called again, it goes on.
 */
export const setLifecycleOfRuns =
  (context: TrackingContext): TrackingStore['setLifecycleOfRuns'] =>
  async (experimentId, stage) => {
    const endsAtMs = context.pacing.elapsedMs() + context.deadlineMs;
    const headers = readHeaders(context);
    let after: IndexPosition | undefined;
    for (let hasMore = true; hasMore; ) {
      const page = await headers({ experimentId, limit: PAGE, ...(after && { after }) });
      const runIds = page.headers.flatMap(({ runId, lifecycleStage }) => (lifecycleStage === stage ? [] : [runId]));
      const lanes = Array.from({ length: PARALLEL }, async () => {
        for (let runId = runIds.pop(); runId !== undefined; runId = runIds.pop()) {
          if (context.pacing.elapsedMs() >= endsAtMs) {
            throw new UnavailableError(`not every run of experiment ${experimentId} is ${stage} yet, call again`);
          }
          await changeRun(context, runId, (run) => ({ run: { ...run, info: { ...run.info, lifecycleStage: stage } } }));
        }
      });
      await Promise.all(lanes);
      const last = page.headers.at(-1);
      hasMore = page.hasMore && last !== undefined;
      if (last) after = { runId: last.runId, startTimeMs: last.startTimeMs, value: last.startTimeMs };
    }
  };
