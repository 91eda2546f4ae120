import { utcDay } from '../../kernel/time.ts';
import type { MlTestScore } from '../ml-test-score/index.ts';
import { type RolloutReport, reportRollout, shortNumber, type VersionDrift } from '../reports/index.ts';
import { categoryBinLabels, numberBinLabels } from './bin-labels.ts';
import { type Distributions, distributions } from './distributions.ts';
import { type DriftHeatMap, driftHeatMap } from './drift-heat-map.ts';
import { type LineagePicture, lineagePicture } from './lineage-picture.ts';
import { dayOfReport, type ModelSummary, modelSummary, newestReport } from './model-summary.ts';
import type { ToldNotification } from './notification-list.ts';
import type { DriftColumn, DriftFacts, ModelFacts } from './page-facts.ts';
import { type QualityOverTime, qualityOverTime } from './quality-over-time.ts';
import { type RetrainingStory, retrainingStory } from './retraining-story.ts';
import { type SliceTable, sliceTable } from './slice-table.ts';
import type { TestTable } from './test-table.ts';
import { known, missing, orMissing, type Told } from './told.ts';

/** All that a model's page shows: JSON, one field a widget. */
export interface ModelPage {
  readonly schemaVersion: 1;
  readonly model: string;
  readonly atMs: number;
  readonly summary: ModelSummary;
  readonly distributions: Told<Distributions>;
  readonly heatMap: Told<DriftHeatMap>;
  /** Of the newest window; empty where one version answered all of it. */
  readonly versionDrift: readonly VersionDrift[];
  readonly quality: Told<QualityOverTime>;
  readonly canary: Told<RolloutReport>;
  readonly slices: Told<SliceTable>;
  readonly tests: Told<TestTable>;
  readonly retraining: Told<RetrainingStory>;
  readonly lineage: Told<LineagePicture>;
  readonly notifications: Told<readonly ToldNotification[]>;
  readonly score: Told<MlTestScore>;
}

const NO_CHECK = 'No drift check has run yet: the first runs on the morning after the first day with predictions.';

const labelsOf = ({ bins: { edges, categories, reference } }: DriftColumn): readonly string[] => {
  if (edges !== undefined) return numberBinLabels(edges);
  return categories === undefined ? reference.map((_, at) => `bin ${at + 1}`) : categoryBinLabels(categories);
};

const shareText = (count: number, counts: readonly number[]): string => {
  const total = counts.reduce((sum, one) => sum + one, count);
  return `${shortNumber(total === 0 ? 0 : (100 * count) / total)} %`;
};

const notesOf = (column: DriftColumn, { comparison }: DriftFacts): readonly string[] => {
  const { referenceMissing, windowMissing, reference, window } = column.bins;
  const compared = comparison.columns.find(({ name }) => name === column.name);
  const { meanShift, outOfRangeShare = 0 } = compared ?? {};
  return [
    `PSI ${shortNumber(column.psi)}; ${column.measure} ${shortNumber(column.score)}, threshold ${shortNumber(column.threshold)}`,
    ...(referenceMissing + windowMissing === 0
      ? []
      : [
          `missing: ${shareText(referenceMissing, reference)} in the reference, ${shareText(windowMissing, window)} now`,
        ]),
    ...(outOfRangeShare === 0 ? [] : [`${shortNumber(100 * outOfRangeShare)} % out of the declared range`]),
    ...(meanShift === undefined ? [] : [`mean moved by ${shortNumber(meanShift)} standard deviations`]),
  ];
};

const noPrediction = (report: DriftFacts): string =>
  `No prediction came from ${utcDay(report.fromMs)} to ${dayOfReport(report)}: there is nothing to compare with the reference.`;

const distributionsOf = (report: DriftFacts | undefined): Told<Distributions> => {
  if (report === undefined) return missing(NO_CHECK);
  const { profiles } = report;
  if (report.rowCount === 0) return missing(noPrediction(report));
  if (profiles === undefined) {
    return missing(
      'The version in service is from before profiles by day: its report has no distributions. The next training run brings them.',
    );
  }
  const columns = profiles.columns.map((column) => ({
    name: column.name,
    labels: labelsOf(column),
    reference: column.bins.reference,
    current: column.bins.window,
    distance: { measure: 'PSI', value: column.psi, stands: column.drifted },
    notes: notesOf(column, report),
  }));
  return known(
    distributions(columns, {
      reference: `${profiles.referenceRows.toLocaleString('en')} rows of ${profiles.referenceDays} days that the version learnt from`,
      current: `${report.rowCount.toLocaleString('en')} predictions, ${utcDay(report.fromMs)} to ${dayOfReport(report)}`,
    }),
  );
};

/** By single days where reports have profiles by day; otherwise by the windows that end with the days. */
const heatMapOf = (reports: readonly DriftFacts[]): Told<DriftHeatMap> => {
  const last = newestReport(reports);
  if (last === undefined) return missing(NO_CHECK);
  const newest = newestReport(reports.filter(({ rowCount }) => rowCount > 0));
  if (newest === undefined) return missing(noPrediction(last));
  const notable = newest.limits.predictionPsiLimit;
  if (newest.profiles === undefined) {
    const days = reports.map((report) => ({
      day: dayOfReport(report),
      columns: report.comparison.columns.map(({ name, psi }) => ({ name, value: psi })),
    }));
    const measure = `PSI of the ${newest.limits.windowDays} days that end with the day`;
    return known(driftHeatMap(days, { measure, notable }));
  }
  const byDay = new Map(
    reports
      .toSorted((a, b) => a.toMs - b.toMs)
      .flatMap(({ profiles }) => profiles?.days ?? [])
      .map(({ day, psi }) => [day, { day, columns: Object.entries(psi).map(([name, value]) => ({ name, value })) }]),
  );
  return known(driftHeatMap([...byDay.values()], { measure: 'PSI of the day against the reference', notable }));
};

const NO_PERFORMANCE =
  'No performance report was written yet: it is written after the drift check, once a version is in service.';

/** From what is on record, and nothing else: the same records give the same page. */
export const modelPage = (facts: ModelFacts): ModelPage => {
  const { model, atMs, driftReports, performance, rollout, runs, worth, staleness, notifications } = facts;
  return {
    schemaVersion: 1,
    model,
    atMs,
    summary: modelSummary(facts),
    distributions: distributionsOf(newestReport(driftReports)),
    heatMap: heatMapOf(driftReports),
    versionDrift: newestReport(driftReports)?.profiles?.versions ?? [],
    quality: performance === undefined ? missing(NO_PERFORMANCE) : known(qualityOverTime(performance)),
    canary: rollout === undefined ? missing('Nothing was rolled out yet.') : known(reportRollout(rollout)),
    slices:
      performance === undefined
        ? missing(NO_PERFORMANCE)
        : orMissing(sliceTable(performance), `No day is mature yet: ${performance.reason}.`),
    tests: orMissing(facts.tests, 'No test suite has run yet: it runs after the drift check.'),
    retraining: known(retrainingStory(runs, (runId) => worth[runId], staleness)),
    lineage: orMissing(
      lineagePicture(model, facts.lineage, facts.deployment?.version),
      'No version is on record, so nothing led to anything yet.',
    ),
    notifications: known(notifications),
    score: orMissing(facts.score, 'No ML Test Score was written yet: it is written after the drift check.'),
  };
};
