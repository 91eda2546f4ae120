import { shorten } from '../../kernel/show-value.ts';
import { utcDay } from '../../kernel/time.ts';
import { endedWithoutVersion } from '../registry/index.ts';
import { shortNumber } from '../reports/index.ts';
import type { DriftFacts, SummaryFacts } from './page-facts.ts';
import { HEADLINE_METRICS, METRIC_TEXTS } from './quality-over-time.ts';
import { causeText } from './retraining-story.ts';

/** A tile has room for so much of why a training ran; the part on retraining tells all of it. */
const LONGEST_REASON = 80;

/** How something stands: `bad` calls for somebody, `warned` for a look, of `unknown` nothing can be said yet. */
export type Standing = 'bad' | 'warned' | 'well' | 'unknown';

export interface Stand {
  readonly standing: Standing;
  /** In few words. */
  readonly text: string;
  /** More of it, or why nothing is known. */
  readonly detail: string;
}

/** A model in one row of the fleet. */
export interface ModelSummary {
  readonly model: string;
  readonly owner: string;
  readonly description: string;
  readonly atMs: number;
  readonly version: Stand;
  readonly traffic: Stand;
  readonly drift: Stand;
  readonly quality: Stand;
  readonly tests: Stand;
  readonly canary: Stand;
  readonly retraining: Stand;
  readonly score: Stand;
  /** Drift evidence by day, oldest first; 1 is the limit. */
  readonly trend: readonly { readonly day: string; readonly value: number }[];
}

const stand = (standing: Standing, text: string, detail: string): Stand => ({ standing, text, detail });
const unknown = (detail: string): Stand => stand('unknown', '–', detail);

export const dayOfReport = ({ toMs }: Pick<DriftFacts, 'toMs'>): string => utcDay(toMs - 1);

export const newestReport = (reports: readonly DriftFacts[]): DriftFacts | undefined =>
  reports.toSorted((a, b) => b.toMs - a.toMs)[0];

/** Statistic ÷ limit, of a report of either version. */
const evidenceOf = ({ metrics, limits }: DriftFacts): number | undefined =>
  metrics.driftEvidence ??
  (metrics.predictionPsi === undefined ? undefined : metrics.predictionPsi / limits.predictionPsiLimit);

const versionOf = ({ deployment }: SummaryFacts): Stand =>
  deployment === undefined
    ? unknown('no version is in service')
    : stand('well', `version ${deployment.version}`, `since ${utcDay(deployment.promotedAtMs)}`);

const trafficOf = (report: DriftFacts | undefined): Stand => {
  if (report === undefined) return unknown('not counted: no drift check has run');
  const text = `${report.rowCount.toLocaleString('en')} predictions`;
  const window = `${utcDay(report.fromMs)} to ${dayOfReport(report)}`;
  const { volume, freshness } = report;
  const stale = freshness?.status === 'stale' ? freshness.reasons : [];
  const odd = volume !== undefined && (volume.status === 'too few' || volume.status === 'too many');
  if (!odd && stale.length === 0) return stand('well', text, window);
  return stand('warned', text, [...(odd ? [volume.reason] : []), ...stale, window].join('; '));
};

const DRIFT_STANDS = {
  'above-limit': ['bad', 'drifts'],
  'within-limit': ['well', 'no drift'],
  'not-enough-evidence': ['unknown', 'not known yet'],
} as const;

const driftOf = (report: DriftFacts | undefined): Stand => {
  if (report === undefined) return unknown('no drift check has run');
  const [standing, text] = DRIFT_STANDS[report.status];
  const evidence = evidenceOf(report);
  const named = report.decision?.columns.slice(0, 2).map(({ name }) => name) ?? [];
  const told = evidence === undefined ? text : `${text}, ${shortNumber(evidence)} × limit`;
  const most = named.length === 0 ? '' : `, most in ${named.join(' and ')}`;
  const statement = report.decision?.mode === 'floor' ? `; ${report.decision.statement}` : '';
  return stand(standing, told, `${dayOfReport(report)}${most}${statement}`);
};

const QUALITY_STANDS = { degraded: 'bad', 'within limits': 'well', 'not enough labels': 'unknown' } as const;

const qualityOf = ({ performance }: SummaryFacts): Stand => {
  if (performance === undefined) return unknown('not measured: no performance report was written');
  const { quality, estimated, status, reason } = performance;
  const whole = quality.find(({ slice, version }) => slice === 'all' && version === undefined);
  for (const metric of HEADLINE_METRICS) {
    const measured = whole?.metrics[metric];
    const foreseen = metric === 'logLoss' ? estimated?.metrics.logLoss : undefined;
    const value = measured ?? foreseen;
    if (value === undefined) continue;
    const { lower, upper } = value;
    const interval =
      lower === undefined || upper === undefined ? '' : ` (${shortNumber(lower)} to ${shortNumber(upper)})`;
    const how = measured === undefined ? 'estimated ' : '';
    return stand(
      QUALITY_STANDS[status],
      `${how}${METRIC_TEXTS[metric]} ${shortNumber(value.value)}${interval}`,
      reason,
    );
  }
  return stand(QUALITY_STANDS[status], status, reason);
};

const testsOf = ({ tests }: SummaryFacts): Stand => {
  if (tests === undefined) return unknown('not tested: no test suite has run');
  const { failCount, passCount, skippedCount, day, status } = tests;
  const worst = tests.tests.some((test) => test.status === 'fail' && test.severity === 'high') ? 'bad' : 'warned';
  const standing = status === 'fail' ? worst : status === 'pass' ? 'well' : 'unknown';
  const text = failCount > 0 ? `${failCount} of ${failCount + passCount} fail` : `${passCount} passed`;
  return stand(standing, text, `${day}${skippedCount === 0 ? '' : `, ${skippedCount} skipped`}`);
};

const CANARY_STANDS = { RUNNING: 'well', PROMOTED: 'well', ROLLED_BACK: 'warned', FAILED: 'warned' } as const;
const CANARY_TEXTS = { RUNNING: 'runs', PROMOTED: 'promoted', ROLLED_BACK: 'rolled back', FAILED: 'failed' } as const;

const canaryOf = ({ rollout: facts }: SummaryFacts): Stand => {
  if (facts === undefined) return unknown('nothing was rolled out');
  const { version, kind, status, weights, startedAtMs, endedAtMs, reason } = facts.rollout;
  const what = kind === 'code' ? `new code of version ${version}` : `version ${version}`;
  const weight = weights.at(-1);
  const at = status === 'RUNNING' && weight !== undefined ? ` at ${shortNumber(100 * weight)} %` : '';
  const when = endedAtMs === undefined ? `since ${utcDay(startedAtMs)}` : utcDay(endedAtMs);
  const why = status === 'PROMOTED' || reason === undefined ? '' : `: ${reason}`;
  return stand(CANARY_STANDS[status], `${what} ${CANARY_TEXTS[status]}${at}`, `${when}${why}`);
};

const retrainingOf = ({ runs }: SummaryFacts): Stand => {
  const newest = runs[0];
  if (newest === undefined) return unknown('nothing was trained');
  const { status, cause, startedAtMs, outcome } = newest;
  const madeNothing = endedWithoutVersion(newest);
  const calls = status === 'FAILED' || madeNothing;
  const why = shorten(calls && outcome !== undefined ? outcome : causeText(cause), LONGEST_REASON);
  const text = `${status.toLowerCase()}${madeNothing ? ', no version,' : ''} ${utcDay(startedAtMs)}`;
  return stand(calls ? 'warned' : 'well', text, why);
};

const scoreOf = ({ score }: SummaryFacts): Stand => {
  if (score === undefined) return unknown('not scored: no score was written');
  const next = score.nextPoints[0];
  return stand(
    'well',
    `${shortNumber(score.score)} of 7`,
    next === undefined ? score.day : `cheapest next point: ${next.action}`,
  );
};

export const modelSummary = (facts: SummaryFacts): ModelSummary => {
  const newest = newestReport(facts.driftReports);
  const { model, owner, description, atMs } = facts;
  return {
    model,
    owner,
    description,
    atMs,
    version: versionOf(facts),
    traffic: trafficOf(newest),
    drift: driftOf(newest),
    quality: qualityOf(facts),
    tests: testsOf(facts),
    canary: canaryOf(facts),
    retraining: retrainingOf(facts),
    score: scoreOf(facts),
    trend: facts.driftReports
      .toSorted((a, b) => a.toMs - b.toMs)
      .flatMap((report) => {
        const value = evidenceOf(report);
        return value === undefined ? [] : [{ day: dayOfReport(report), value }];
      }),
  };
};

const WEIGHTS: Readonly<Record<Standing, number>> = { bad: 100, warned: 10, unknown: 1, well: 0 };

/** How much a model calls for somebody. */
const concernOf = ({ version, traffic, drift, quality, tests, canary, retraining }: ModelSummary): number =>
  [version, traffic, drift, quality, tests, canary, retraining].reduce(
    (sum, { standing }) => sum + WEIGHTS[standing],
    0,
  );

/** The worst first; among equals the one nearest to its drift limit. */
export const worstFirst = (summaries: readonly ModelSummary[]): readonly ModelSummary[] =>
  summaries.toSorted(
    (a, b) =>
      concernOf(b) - concernOf(a) ||
      (b.trend.at(-1)?.value ?? 0) - (a.trend.at(-1)?.value ?? 0) ||
      a.model.localeCompare(b.model),
  );
