import { dailyReportAt } from '../../shared/contracts/events.ts';
import type { DailyReport, Severity, TestResult } from '../../shared/core/test-suite/index.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';

const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high'];

/** What asked for the training: the runs of a model say so. */
const PRINCIPAL = 'workflow:drift-check';

const worst = (tests: readonly TestResult[]): Severity =>
  SEVERITIES.findLast((severity) => tests.some((test) => test.severity === severity)) ?? 'low';

/** One request an episode of a test: asked again, it is the same. */
const askForTraining = async (events: EventPublisher, model: string, failed: readonly TestResult[]): Promise<void> => {
  const asking = failed.filter(({ retrain }) => retrain);
  const [first] = asking.toSorted((a, b) => ((a.failingSince ?? '') < (b.failingSince ?? '') ? -1 : 1));
  if (first === undefined) return;
  await events.publish('Training Requested', {
    model,
    principal: PRINCIPAL,
    requestId: `tests-${model}-${first.failingSince}`,
    reason: asking
      .map(({ id, reason }) => `test ${id} failed: ${reason}`)
      .join('; ')
      .slice(0, 1_000),
  });
};

/** Tells what failed, asks for a training where a failed test does, and says that the day is reported on: in this order. */
export const announce = async (events: EventPublisher, report: DailyReport): Promise<void> => {
  const { model, day, version, tests, open } = report;
  const failed = tests.tests.filter(({ status }) => status === 'fail');
  const place = dailyReportAt(model, day);
  if (failed.length > 0) {
    await events.publish('Monitoring Tests Failed', {
      model,
      ...(version === undefined ? {} : { version }),
      day,
      since: failed.reduce((newest, { failingSince = day }) => (failingSince > newest ? failingSince : newest), ''),
      severity: worst(failed),
      failing: failed.map(({ id, severity, reason }) => ({ id, severity, reason })),
      report: place,
    });
    await askForTraining(events, model, failed);
  }
  await events.publish('Daily Report Written', { model, day, open, report: place });
};
