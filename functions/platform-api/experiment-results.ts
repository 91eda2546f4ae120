import { gunzipSync } from 'node:zlib';
import { captureDayPrefix } from '../../shared/contracts/artifacts.ts';
import { CaptureRecordSchema } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  countUnits,
  type EndedExperiment,
  type ExperimentResults,
  experimentResults,
} from '../../shared/core/routing/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import { type Captures, readCompactedDay } from './read-captured.ts';
import type { PlatformDeps } from './routes.ts';

/** Objects read for one answer; beyond them it says that it is not complete. */
const MOST_OBJECTS = 400;
/** Firehose holds lines back for so long at most. */
const LATE_MS = DAY_MS / 24;

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
  const last = utcDay(endedAtMs + LATE_MS);
  for (let atMs = startedAtMs; utcDay(atMs) <= last; atMs += DAY_MS) days.push(utcDay(atMs));
  return days;
};

/** What was captured of an experiment until now, and whether its versions got the shares that they should. */
export const readExperimentResults = async (
  { captures, clock }: Pick<PlatformDeps, 'captures' | 'clock'>,
  model: string,
  experiment: EndedExperiment,
): Promise<ExperimentResults & { readonly complete: boolean }> => {
  const counts = countUnits(experiment);
  const mark = JSON.stringify(experiment.experimentId);
  const until = { ...experiment, endedAtMs: Math.min(experiment.endedAtMs, clock.nowMs()) };
  let objectCount = 0;
  for await (const body of bodiesOf(captures, model, daysOf(until))) {
    if (objectCount === MOST_OBJECTS) return { ...experimentResults(counts), complete: false };
    objectCount += 1;
    for (const line of gunzipSync(body).toString('utf8').split('\n')) {
      if (!line.includes(mark)) continue;
      const record = parse(CaptureRecordSchema, JSON.parse(line), 'captured line');
      if (record.kind !== 'label') counts.add(record);
    }
  }
  return { ...experimentResults(counts), complete: true };
};
