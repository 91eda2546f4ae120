import { unpackedLines } from '../../shared/adapters/s3/captured-lines.ts';
import { captureDayPrefix } from '../../shared/contracts/artifacts.ts';
import { CaptureRecordSchema } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { CAPTURE_GRACE_MS } from '../../shared/core/deployment/index.ts';
import { armLines, type ExperimentReport } from '../../shared/core/reports/index.ts';
import { countUnits, type EndedExperiment, experimentResults } from '../../shared/core/routing/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import { type Captures, readCompactedDay } from './read-captured.ts';
import type { PlatformDeps } from './routes.ts';

/** Objects read for one answer; beyond them it says that it is not complete. */
const MOST_OBJECTS = 400;

async function* bodiesOf(data: Captures, model: string, days: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const day of days) {
    const compacted = await readCompactedDay(data, model, day);
    if (compacted !== undefined) {
      yield compacted.body;
      continue;
    }
    for (const { key } of await data.list(captureDayPrefix(model, day))) yield await data.get(key);
  }
}

const daysOf = ({ startedAtMs, endedAtMs }: EndedExperiment): readonly string[] => {
  const days: string[] = [];
  const last = utcDay(endedAtMs + CAPTURE_GRACE_MS);
  for (let atMs = startedAtMs; utcDay(atMs) <= last; atMs += DAY_MS) days.push(utcDay(atMs));
  return days;
};

/** Lines held for one answer, for what their units are compared by: some 300 MB. */
const MOST_LINES = 500_000;

/**
 * What was captured of an experiment until now: whether its versions got the shares that they should, and how each
 * differs from the control.
 */
export const readExperimentResults = async (
  { captures, clock, definitions }: Pick<PlatformDeps, 'captures' | 'clock' | 'definitions'>,
  model: string,
  experiment: EndedExperiment,
): Promise<ExperimentReport> => {
  const counts = countUnits(experiment);
  const lines = armLines(experiment, { outputs: definitions.get(model)?.task === 'binary-classification' });
  const reportOf = (complete: boolean): ExperimentReport => ({
    model,
    ...experimentResults(counts),
    comparisons: lines.compare(clock.nowMs() - CAPTURE_GRACE_MS),
    complete,
  });
  const mark = JSON.stringify(experiment.experimentId);
  const until = { ...experiment, endedAtMs: Math.min(experiment.endedAtMs, clock.nowMs()) };
  let [objectCount, lineCount] = [0, 0];
  for await (const body of bodiesOf(captures, model, daysOf(until))) {
    if (objectCount === MOST_OBJECTS || lineCount > MOST_LINES) return reportOf(false);
    objectCount += 1;
    for (const line of unpackedLines(body)) {
      if (!line.includes(mark)) continue;
      const record = parse(CaptureRecordSchema, JSON.parse(line), 'captured line');
      if (record.kind === 'label' || !counts.add(record)) continue;
      lines.add(record);
      lineCount += 1;
    }
  }
  return reportOf(true);
};
