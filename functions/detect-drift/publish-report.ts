import type { DriftReport } from '../../shared/contracts/drift-report.ts';
import { embeddedMetrics } from '../../shared/contracts/embedded-metrics.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import { namedMetrics } from './named-metrics.ts';
import { tellDrift } from './tell-drift.ts';

interface Deps {
  readonly stage: string;
  readonly events: EventPublisher;
  readonly clock: Clock;
}

/** Publishes a report's numbers as metrics of the time of publishing, and an event when they are above the limit. */
export const publishReport = async ({ stage, events, clock }: Deps, report: DriftReport): Promise<void> => {
  const { model, version, metrics, status, decision } = report;
  const windowEnd = isoTime(report.toMs);
  // What a model has no metric left for stands in the log.
  const { outOfRangeShareMax } = metrics;
  const properties = { version, windowEnd, status, mode: decision.mode, outOfRangeShareMax };
  console.log(embeddedMetrics({ stage, model, atMs: clock.nowMs(), metrics: namedMetrics(metrics), properties }));
  if (status !== 'above-limit') return;
  const { predictionPsi = 0 } = metrics;
  await events.publish('Drift Detected', { model, version, windowEnd, predictionPsi, reason: tellDrift(report) });
};
