import { gunzipSync, gzipSync } from 'node:zlib';
import { capturedKeysOfDays, capturedRecords } from '../../shared/adapters/s3/captured-lines.ts';
import type { LabelRecord, PredictionRecord } from '../../shared/contracts/capture.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { fairnessDivisionsOf, performanceSlicesOf } from '../../shared/contracts/performance-definition.ts';
import { outcomesKey, outcomesPrefix } from '../../shared/contracts/performance-report.ts';
import { slicesOf } from '../../shared/core/deployment/index.ts';
import {
  type LabelFact,
  type OutcomeBook,
  type OutcomeDay,
  openOutcomeBook,
  type PerformanceInput,
  type PredictionFact,
  servedRequests,
} from '../../shared/core/performance/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

type Data = Pick<ArtifactStore, 'get' | 'put' | 'list'>;

export interface OutcomeRequest {
  readonly definition: ModelDefinition;
  /** Start of the first open day. */
  readonly fromMs: number;
  /** Start of the first day of arrival whose lines are read: those before are in the stored days. */
  readonly arrivedFromMs: number;
  readonly nowMs: number;
  /** The newest whole day: its requests are counted. */
  readonly day: string;
}

/** Predictions that are followed: of a day, as an AUC of 50,000 is right to half a percent, and of all open days. */
const MOST_OF_DAY = 50_000;
const MOST_OF_ALL = 600_000;
/** Objects fetched side by side. */
const PARALLEL = 8;

const predictionFact = (
  { atMs, version, output, inputs, sources }: PredictionRecord,
  definition: ModelDefinition,
): PredictionFact => ({
  atMs,
  version,
  output,
  slices: slicesOf(performanceSlicesOf(definition), inputs),
  groups: Object.fromEntries(
    fairnessDivisionsOf(definition).flatMap(({ name, feature, entity }): readonly (readonly [string, string])[] => {
      const value = feature === undefined ? sources?.entities[entity ?? ''] : inputs[feature];
      return value === undefined || value === null ? [] : [[name, String(value)]];
    }),
  ),
});

const labelFact = ({ label, knownAtMs, receivedAtMs, kpis }: LabelRecord): LabelFact => ({
  label,
  knownAtMs,
  receivedAtMs,
  ...(kpis === undefined ? {} : { kpis }),
});

const readStored = async (data: Data, model: string, fromMs: number): Promise<readonly OutcomeDay[]> => {
  const first = outcomesKey(model, utcDay(fromMs));
  const keys = (await data.list(outcomesPrefix(model))).map(({ key }) => key).filter((key) => key >= first);
  const days: OutcomeDay[] = [];
  for (let start = 0; start < keys.length; start += PARALLEL) {
    const bodies = await Promise.all(keys.slice(start, start + PARALLEL).map((key) => data.get(key)));
    days.push(...bodies.map((body) => JSON.parse(gunzipSync(body).toString('utf8')) as OutcomeDay));
  }
  return days;
};

/** Where an alias routes, a request that fails leaves no line. */
const capturesFailures = ({ deployment }: ModelDefinition): boolean =>
  deployment.target === 'lambda' && deployment.router === 'exact';

const takeArrived = async (
  data: Data,
  book: OutcomeBook,
  { definition, day, arrivedFromMs, nowMs }: OutcomeRequest,
): Promise<PerformanceInput['served']> => {
  const dayMs = Date.parse(day);
  const served = servedRequests({ fromMs: dayMs, toMs: dayMs + DAY_MS }, capturesFailures(definition));
  const days = { fromDay: utcDay(arrivedFromMs), toDay: utcDay(nowMs) };
  for (const key of await capturedKeysOfDays(data, { model: definition.name, ...days })) {
    for await (const record of capturedRecords(await data.get(key))) {
      if (record.kind === 'label') book.takeLabel(record.predictionId, labelFact(record));
      else served.take(record);
      if (record.kind === 'prediction') book.takePrediction(record.predictionId, predictionFact(record, definition));
    }
  }
  return served.day();
};

/**
 * The outcomes of the open days, as they were left with what has arrived since, and the requests of the newest. Days that
 * changed are written back; lines that were taken before change nothing, so that it may stop anywhere, and be done again
 * or by two at once.
 */
export const readOutcomes = async (
  data: Data,
  request: OutcomeRequest,
): Promise<Pick<PerformanceInput, 'outcomes' | 'served'>> => {
  const { definition, fromMs, nowMs } = request;
  const openDays = Math.ceil((nowMs - fromMs) / DAY_MS);
  const most = Math.min(MOST_OF_DAY, Math.floor(MOST_OF_ALL / Math.max(1, openDays)));
  const book = openOutcomeBook(await readStored(data, definition.name, fromMs), { fromMs, most });
  const served = await takeArrived(data, book, request);
  for (const day of book.changedDays()) {
    const body = gzipSync(JSON.stringify(day));
    await data.put(outcomesKey(definition.name, day.day), body, 'application/gzip');
  }
  return { outcomes: book.days(), served };
};
