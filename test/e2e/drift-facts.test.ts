import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import flightDelay from '../../models/flight-delay/model.ts';
import { openDuckDb } from '../../shared/adapters/duckdb/index.ts';
import { compareDaily, dailyQuality, measureQuality } from '../../shared/core/evaluation/index.ts';
import {
  featureTableSql,
  ingestedTableSql,
  sourceFileViewSql,
  writePartSql,
} from '../../shared/core/features/index.ts';
import { transformSql } from '../../shared/core/features/online/index.ts';
import {
  type CountedReference,
  countedTraining,
  detectDrift,
  type FloorFindings,
  foldPlan,
  makeProfile,
  makeTrainingReference,
  type ReferenceProfile,
  type TrainingReference,
} from '../../shared/core/monitoring/index.ts';
import { mergeProfiles } from '../../shared/core/profiles/index.ts';
import {
  type GradientBoostedTrees,
  predictGradientBoostedTrees,
  trainGradientBoostedTrees,
} from '../../shared/core/training/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import { foldWindow } from '../helpers/folded-window.ts';

/**
 * What the story of the flights rests on, measured on the real flights: the drift check is quiet while nothing is
 * wrong, rings in the storms of February 2001, and training again helps. Days are UTC; a check on a day sees the window
 * that ended with the midnight before it.
 */

type Columns = ReadonlyMap<string, Float64Array | readonly string[]>;
const { task, data, features, trainer, monitors } = flightDelay;
const date = (month: number, day: number): number => Date.UTC(2001, month - 1, day);
const WARM_FROM_MS = date(1, 8);
const SAMPLE_ROWS_A_DAY = 500;

const folder = mkdtempSync(join(tmpdir(), 'drift-facts-'));
const engine = await openDuckDb({ memoryLimitMb: 3_000, spillFolder: join(folder, 'spill') });

const numbers = (columns: Columns, name: string): Float64Array => columns.get(name) as Float64Array;
const predict = (model: GradientBoostedTrees, columns: Columns): Float32Array =>
  predictGradientBoostedTrees(model, columns, numbers(columns, 'label').length);
const between = (fromMs: number, toMs: number): Promise<Columns> =>
  engine.columns(
    `FROM every_row WHERE event_at_ms >= ${fromMs} AND event_at_ms < ${toMs} ORDER BY event_at_ms, row_key`,
  );

/** The rows that the refit of a run at `asOfMs` learns from: at most `maxRows`, with labels known by then. */
const trainingRows = async (asOfMs: number): Promise<Columns> => {
  await engine.execute(`CREATE OR REPLACE VIEW feature_rows AS FROM every_row WHERE label_known_at_ms <= ${asOfMs}`);
  const file = join(folder, `${asOfMs}.parquet`);
  const split = { fromMs: WARM_FROM_MS, holdoutFromMs: asOfMs, holdoutToMs: asOfMs, asOfMs };
  await engine.execute(writePartSql({ part: 'all', split, features, maxRows: data.maxRows, file }));
  return engine.columns(`FROM '${file}'`);
};

const train = (columns: Columns): GradientBoostedTrees => {
  if (trainer.kind !== 'built-in') throw new Error('flight-delay is trained by the built-in trainer');
  const label = numbers(columns, 'label');
  // As the refit does: the rounds are given, nothing is kept aside.
  return trainGradientBoostedTrees({
    task,
    features,
    columns,
    label,
    settings: { ...trainer, earlyStoppingRounds: 0 },
  });
};

interface Reference {
  readonly profile: ReferenceProfile;
  readonly training: TrainingReference;
}

const profileOf = (columns: Columns, predictions: Float32Array): Reference => {
  const rows = { features: [], columns: new Map(), eventAtMs: numbers(columns, 'event_at_ms'), predictions };
  const labels = numbers(columns, 'label');
  return {
    profile: makeProfile({ task, ...rows, labels, windowDays: monitors.windowDays }),
    training: makeTrainingReference({ ...rows, blockDays: data.warmUpDays, slices: [] }),
  };
};

/** What a check holds a window to: all days of the reference, or some. */
const counted = ({ training, profile }: Reference, keep: (day: string) => boolean = () => true): CountedReference => {
  const kept = training.days.filter(({ day }) => keep(day)).map((day) => day.profile);
  return countedTraining({ ...training, whole: mergeProfiles(training.bins, kept) }, profile);
};

interface Sample {
  readonly eventAtMs: Float64Array;
  readonly predictions: Float32Array;
}

/** A check on the morning of `atMs`, of what was served since `servedFromMs`. */
const check = (reference: CountedReference, sample: Sample, atMs: number, servedFromMs: number): FloorFindings => {
  const fromMs = atMs - monitors.windowDays * DAY_MS;
  const rows = Array.from(sample.eventAtMs, (eventAtMs, i) => ({
    predictionId: `${i}`,
    atMs: eventAtMs,
    version: 1,
    inputs: {},
    output: sample.predictions[i] ?? Number.NaN,
  })).filter((row) => row.atMs >= Math.max(fromMs, servedFromMs) && row.atMs < atMs);
  const window = foldWindow(foldPlan(reference.bins, []), { fromMs, toMs: atMs, rows });
  return detectDrift({ reference, window, limits: monitors });
};

/** Days on whose check an alarm that waits for `alarmAfterChecks` in a row begins to ring, as `MM-DD`. */
const alarmDays = (reports: readonly FloorFindings[]): readonly string[] => {
  let inRow = 0;
  return reports.flatMap(({ status, toMs }) => {
    inRow = status === 'above-limit' ? inRow + 1 : 0;
    return inRow === monitors.alarmAfterChecks ? [new Date(toMs).toISOString().slice(5, 10)] : [];
  });
};

const days = (fromMs: number, throughMs: number): readonly number[] =>
  Array.from({ length: (throughMs - fromMs) / DAY_MS + 1 }, (_, i) => fromMs + i * DAY_MS);

let v1: GradientBoostedTrees;
let v1Rows: Columns;
let v1Predictions: Float32Array;
let v1Reference: Reference;
const samples: Sample[] = [];
/** For each morning of January, the reference without the window that is then checked. */
let januaryRests: readonly { readonly atMs: number; readonly rest: CountedReference }[];

beforeAll(async () => {
  await engine.execute(sourceFileViewSql(`node_modules/${data.source.package}/${data.source.file}`));
  // Three of the six months are enough here, and half the time.
  await engine.execute(`ALTER VIEW source_file RENAME TO whole_file;
    CREATE VIEW source_file AS FROM whole_file WHERE date < TIMESTAMP '2001-04-02'`);
  await engine.execute(ingestedTableSql(data.source.ingestSql));
  const asOfMs = date(4, 2);
  await engine.execute(`CREATE VIEW dataset AS FROM ingested WHERE known_at_ms <= ${asOfMs}`);
  await engine.execute(featureTableSql({ featuresSql: transformSql(data), features, asOfMs }));
  await engine.execute('ALTER TABLE feature_rows RENAME TO every_row');
  v1Rows = await trainingRows(date(2, 1));
  v1 = train(v1Rows);
  v1Predictions = predict(v1, v1Rows);
  v1Reference = profileOf(v1Rows, v1Predictions);
  januaryRests = days(date(1, 9), date(2, 1)).map((atMs) => {
    const fromMs = atMs - monitors.windowDays * DAY_MS;
    return { atMs, rest: counted(v1Reference, (day) => day < utcDay(fromMs) || day >= utcDay(atMs)) };
  });
  for (const seed of [1, 2, 3]) {
    const sample =
      await engine.columns(`SELECT * FROM every_row WHERE event_at_ms >= ${WARM_FROM_MS} AND event_at_ms < ${date(3, 5)}
      QUALIFY row_number() OVER (PARTITION BY event_at_ms // ${DAY_MS} ORDER BY md5_number_lower(row_key || ':${seed}'), row_key)
        <= ${SAMPLE_ROWS_A_DAY} ORDER BY event_at_ms, row_key`);
    samples.push({ eventAtMs: numbers(sample, 'event_at_ms'), predictions: predict(v1, sample) });
  }
}, 240_000);

afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

describe('the first version of flight-delay, trained on January', () => {
  it('learnt from at most 300,000 flights from 8 January on', () => {
    expect(v1Reference.profile.rowCount).toBe(300_000);
    expect(v1Reference.profile.fromMs).toBeGreaterThanOrEqual(WARM_FROM_MS);
    expect(v1Reference.profile.throughMs).toBeLessThan(date(2, 1));
  });

  it('tells late flights of all of February apart with an AUC of at least 0.710', async () => {
    const february = await between(date(2, 1), date(3, 1));

    const quality = measureQuality(task, { labels: numbers(february, 'label'), predictions: predict(v1, february) });

    expect(quality.rowCount).toBe(458_094);
    expect(quality.auc).toBeGreaterThanOrEqual(0.71);
  });

  it.each([0, 1, 2])('raises no alarm when January is replayed against the rest of January (sample %i)', (i) => {
    const reports = januaryRests.map(({ atMs, rest }) => check(rest, samples[i]!, atMs, WARM_FROM_MS));

    expect(reports.filter(({ status }) => status === 'within-limit').length).toBeGreaterThanOrEqual(18);
    expect(alarmDays(reports)).toEqual([]);
  });

  it.each([0, 1, 2])('rings for the storms of 12–16 and 22–25 February, not before (sample %i)', (i) => {
    const reports = days(date(2, 1), date(3, 4)).map((atMs) =>
      check(counted(v1Reference), samples[i]!, atMs, WARM_FROM_MS),
    );

    const alarms = alarmDays(reports);

    expect(alarms).toHaveLength(2);
    expect(alarms[0]! >= '02-16' && alarms[0]! <= '02-20').toBe(true);
    expect(alarms[1]! >= '02-26' && alarms[1]! <= '03-02').toBe(true);
  });

  it.each([0, 1, 2])('raises no alarm in its first fortnight when it serves from 1 February only (sample %i)', (i) => {
    const reports = days(date(2, 2), date(2, 13)).map((atMs) =>
      check(counted(v1Reference), samples[i]!, atMs, date(2, 1)),
    );

    expect(reports.slice(0, 4).map(({ status }) => status)).toEqual(new Array(4).fill('not-enough-evidence'));
    expect(alarmDays(reports)).toEqual([]);
  });
});

describe('the second version, trained on everything known by 17 February', () => {
  it('has a lower log loss than the first from 18 February to 31 March, by more than the days vary', async () => {
    const v2 = train(await trainingRows(date(2, 18)));
    const later = await between(date(2, 18), date(4, 1));
    const rows = { eventAtMs: numbers(later, 'event_at_ms'), labels: numbers(later, 'label') };

    const [second, first] = [v2, v1].map((model) => dailyQuality(task, rows, predict(model, later)));
    const comparison = compareDaily(second!, first!);

    expect(comparison.dayCount).toBe(42);
    expect(comparison.meanDifference).toBeLessThan(0);
    expect(comparison.interval?.upper).toBeLessThan(0);
  }, 120_000);
});
