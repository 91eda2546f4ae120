import { embeddedMetrics } from '../../shared/contracts/embedded-metrics.ts';
import { dailyReportAt } from '../../shared/contracts/events.ts';
import { FAIRNESS_METRIC_NAMES, METRIC_NAMES } from '../../shared/contracts/metric-names.ts';
import type { PerformanceReport } from '../../shared/core/performance/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';

export interface PublishDeps {
  readonly stage: string;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/** Of a classification: differences of means have other units. */
const groupDifference = ({ fairness }: PerformanceReport): number | undefined => {
  const differences = (fairness?.summaries ?? []).flatMap(({ demographicParity, equalizedOdds }) => [
    demographicParity.difference.value,
    ...(equalizedOdds === undefined ? [] : [equalizedOdds.difference.value]),
  ]);
  return differences.length === 0 ? undefined : Math.max(...differences);
};

/** Of all answers of the window, under the names that alarms and dashboards read; without enough labels none. */
const namedMetrics = (report: PerformanceReport): Readonly<Record<string, number>> => {
  const { status, quality } = report;
  const whole = quality.find(({ slice, version }) => slice === 'all' && version === undefined);
  if (status === 'not enough labels' || whole === undefined) return {};
  const { logLoss, rmse, auc } = whole.metrics;
  const loss = logLoss ?? rmse;
  const apart = groupDifference(report);
  return {
    ...(loss === undefined ? {} : { [METRIC_NAMES.loss]: loss.value }),
    ...(auc === undefined ? {} : { [METRIC_NAMES.auc]: auc.value }),
    ...(apart === undefined ? {} : { [FAIRNESS_METRIC_NAMES.groupDifference]: apart }),
  };
};

const publishMetrics = ({ stage, clock }: PublishDeps, report: PerformanceReport): void => {
  const metrics = namedMetrics(report);
  if (Object.keys(metrics).length === 0) return;
  const { model, version, status, window } = report;
  const properties = { version, status, throughDay: window?.throughDay };
  console.log(embeddedMetrics({ stage, model, atMs: clock.nowMs(), metrics, properties }));
};

/** Publishes how good the answers were, and once, on the day on which a limit is first found crossed, what has become worse. */
export const publishReport = async (deps: PublishDeps, report: PerformanceReport): Promise<void> => {
  publishMetrics(deps, report);
  const { model, version, day, limits } = report;
  const begun = limits.filter(({ crossed, since }) => crossed && since === day);
  if (begun.length === 0) return;
  await deps.events.publish('Quality Degraded', {
    model,
    version,
    day,
    reason: begun.map(({ message }) => message).join('; '),
    limits: begun.map(({ metric, slice, limit, value }) => ({ metric, slice, limit, value: value.value })),
    report: dailyReportAt(model, day),
  });
};
