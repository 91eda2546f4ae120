import { capturedLines } from '../../shared/adapters/s3/captured-lines.ts';
import { CaptureRecordSchema } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { countUnits, type EndedExperiment, experimentResults } from '../../shared/core/routing/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';

export interface CaptureDeps {
  readonly data: Pick<ArtifactStore, 'get' | 'list'>;
  readonly clock: Clock;
}

/** Lines of one experiment that are held to be counted once; what comes beyond is left out, and said to be. */
const MOST_LINES = 3_000_000;

/** Counts the units of an experiment by what was captured of it. */
export const countLines = async ({ data, clock }: CaptureDeps, model: string, experiment: EndedExperiment) => {
  const counts = countUnits(experiment);
  const fromMs = Math.floor(experiment.startedAtMs / DAY_MS) * DAY_MS;
  const toMs = Math.ceil((Math.min(experiment.endedAtMs, clock.nowMs()) + 1) / DAY_MS) * DAY_MS;
  const mark = JSON.stringify(experiment.experimentId);
  let lineCount = 0;
  for await (const line of capturedLines(data, { model, fromMs, toMs })) {
    if (!line.includes(mark)) continue;
    const record = parse(CaptureRecordSchema, JSON.parse(line), 'captured line');
    if (record.kind === 'label' || !counts.add(record)) continue;
    lineCount += 1;
    if (lineCount === MOST_LINES) break;
  }
  return { ...experimentResults(counts), complete: lineCount < MOST_LINES };
};
