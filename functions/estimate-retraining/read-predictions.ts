import * as v from 'valibot';
import { driftReportKey } from '../../shared/contracts/artifacts.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import type { FeatureReport } from '../../shared/contracts/training-workflow.ts';
import {
  countPredictions,
  type PredictionsPerDay,
  TRAFFIC_DAYS,
  type TrafficOnRecord,
} from '../../shared/core/retraining/index.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { errorFields, logLine } from '../../shared/kernel/log.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

type Data = Pick<ArtifactStore, 'get' | 'list'>;

/** What is read of a drift report: predictions by day, of the last eight weeks; one of version 1 has none. */
const CountedDays = v.object({
  volume: v.optional(
    v.object({
      days: v.array(v.object({ day: v.pipe(v.string(), v.isoDate()), rowCount: v.pipe(v.number(), v.minValue(0)) })),
    }),
  ),
});

/**
 * The predictions that the newest drift report of a day before `asOfMs` counts, each once, of all versions. One that
 * cannot be read counts nothing, and the log says why.
 */
const readTraffic = async (data: Data, model: string, asOfMs: number): Promise<TrafficOnRecord> => {
  const keyOf = (daysBefore: number): string => driftReportKey(model, utcDay(asOfMs - daysBefore * DAY_MS));
  const prefix = driftReportKey(model, '').replace(/\.json$/, '');
  const reports = await data.list(prefix, undefined, keyOf(TRAFFIC_DAYS + 1));
  const key = reports.findLast((report) => report.key < keyOf(0))?.key;
  if (key === undefined) return { refused: `the last ${TRAFFIC_DAYS} days have no drift report` };
  try {
    const { volume } = parseJsonFile(CountedDays, await data.get(key), key);
    return volume?.days ?? { refused: `${key} counts no days` };
  } catch (error) {
    if (!(error instanceof InvalidRequestError)) throw error;
    logLine('error', 'a drift report cannot be read', { model, key, ...errorFields(error) });
    return { refused: `${key} cannot be read` };
  }
};

/**
 * The predictions a day that a gain is counted on, as declared or by what is on record. Undefined, and nothing read, where
 * no value is declared: then nothing is counted on them.
 */
export const readPredictions = async (
  data: Data,
  {
    definition,
    asOfMs,
    report,
  }: { readonly definition: ModelDefinition; readonly asOfMs: number; readonly report: FeatureReport },
): Promise<PredictionsPerDay | undefined> => {
  const { usdPerLoss, usdPerCost, predictionsPerDay } = definition.retraining.worth;
  if (usdPerLoss === undefined && usdPerCost === undefined) return undefined;
  if (predictionsPerDay !== undefined) return { predictionsPerDay, predictionsFrom: { kind: 'declared' } };
  const { rowCounts, holdoutFromMs, holdoutToMs } = report;
  const rowsPerDay = (rowCounts.holdout * DAY_MS) / (holdoutToMs - holdoutFromMs);
  return countPredictions(await readTraffic(data, definition.name, asOfMs), { asOfMs, rowsPerDay });
};
