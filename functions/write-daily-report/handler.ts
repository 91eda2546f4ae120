import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { WriteDailyReportInput } from '../../shared/contracts/test-suite.ts';
import { makeDailyReport, runSuite, type TestSuiteReport } from '../../shared/core/test-suite/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import { announce } from './announce.ts';
import { type FactStores, gatherFacts } from './gather-facts.ts';
import { storeReport } from './store-report.ts';

interface Deps extends FactStores {
  readonly definitions: Definitions;
  readonly data: Pick<ArtifactStore, 'get' | 'put'>;
  readonly events: EventPublisher;
}

interface Output extends Pick<TestSuiteReport, 'day' | 'status' | 'failCount'> {
  readonly reportKey: string;
}

/**
 * Runs the test suite of the last whole UTC day and writes the day's report, from what the checks before it left. Repeated,
 * it writes the same and tells the same again.
 */
export const createHandler =
  ({ definitions, events, ...stores }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, scheduledAt } = parse(WriteDailyReportInput, event);
    const definition = definitionOf(definitions, model);
    const checkedAtMs = Date.parse(scheduledAt);
    const day = utcDay(Math.floor(checkedAtMs / DAY_MS) * DAY_MS - DAY_MS);
    const { suite, before, daily } = await gatherFacts(stores, definition, { day, checkedAtMs });
    const tests = runSuite(suite, definition.monitors.tests ?? [], before);
    const report = makeDailyReport({ ...daily, tests });
    const reportKey = await storeReport(stores.data, report);
    await announce(events, report);
    return { day, status: tests.status, failCount: tests.failCount, reportKey };
  };
