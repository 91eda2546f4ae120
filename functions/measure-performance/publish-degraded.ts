import { dailyReportAt } from '../../shared/contracts/events.ts';
import type { PerformanceReport } from '../../shared/core/performance/index.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';

/** Says once, on the day on which a limit is first found crossed, what has become worse. */
export const publishDegraded = async (events: EventPublisher, report: PerformanceReport): Promise<void> => {
  const { model, version, day, limits } = report;
  const begun = limits.filter(({ crossed, since }) => crossed && since === day);
  if (begun.length === 0) return;
  await events.publish('Quality Degraded', {
    model,
    version,
    day,
    reason: begun.map(({ message }) => message).join('; '),
    limits: begun.map(({ metric, slice, limit, value }) => ({ metric, slice, limit, value: value.value })),
    report: dailyReportAt(model, day),
  });
};
