import type { AgedModel, DayLoss } from '../../../shared/core/retraining/index.ts';
import { logLoss } from '../../../shared/core/statistics/log-loss.ts';
import { predictGradientBoostedTrees } from '../../../shared/core/training/index.ts';
import { DAY_MS, utcDay } from '../../../shared/kernel/time.ts';
import { type AgedFlights, date, ENDS_AT_MS } from './aged-flights.ts';

/** Models of one recipe and number of rows, one a week, and what each lost on every later day. */

/** Version 1 of the story: trained on what was known on 1 February. */
export const V1_MS = date(2, 1);
const FIRST_MS = date(1, 24);
const LAST_MS = date(5, 23);
export const STEP_MS = 7 * DAY_MS;

export interface Ladder {
  readonly models: readonly AgedModel[];
  /** @throws TypeError where no model was trained then */
  at(throughMs: number): AgedModel;
}

const cutOffs = (): readonly number[] => {
  const weekly = Array.from({ length: (LAST_MS - FIRST_MS) / STEP_MS + 1 }, (_, i) => FIRST_MS + i * STEP_MS);
  return [...weekly, V1_MS].toSorted((one, other) => one - other);
};

export const climbLadder = async (
  flights: AgedFlights,
  { rowCount, onProgress }: { readonly rowCount: number; readonly onProgress: (line: string) => void },
): Promise<Ladder> => {
  const trained = [];
  for (const throughMs of cutOffs()) {
    onProgress(`training on ${rowCount} of the flights known by ${utcDay(throughMs)}`);
    trained.push({ throughMs, model: await flights.train(throughMs, rowCount), days: [] as DayLoss[] });
  }
  onProgress('scoring every later day by every model');
  for (let dayMs = FIRST_MS; dayMs < ENDS_AT_MS; dayMs += DAY_MS) {
    const columns = await flights.day(dayMs);
    const labels = columns.get('label') as Float64Array;
    if (labels.length === 0) continue;
    for (const { throughMs, model, days } of trained) {
      if (throughMs > dayMs) continue;
      const predictions = predictGradientBoostedTrees(model, columns, labels.length);
      days.push({ dayMs, rowCount: labels.length, loss: logLoss(labels, predictions) });
    }
  }
  const models = trained.map(({ throughMs, days }): AgedModel => ({ throughMs, days }));
  return {
    models,
    at: (throughMs) => {
      const found = models.find((one) => one.throughMs === throughMs);
      if (found === undefined) throw new TypeError(`no model was trained on ${utcDay(throughMs)}`);
      return found;
    },
  };
};

/** The days of a model in a span of time. */
export const within = (model: AgedModel, fromMs: number, toMs: number): AgedModel => ({
  ...model,
  days: model.days.filter(({ dayMs }) => dayMs >= fromMs && dayMs < toMs),
});
