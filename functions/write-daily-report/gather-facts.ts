import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import {
  type DailyFacts,
  referenceTestIds,
  type SuiteFacts,
  type TestSuiteReport,
} from '../../shared/core/test-suite/index.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { gatherHistory, type HistoryStores } from './gather-history.ts';
import { gatherReports } from './gather-reports.ts';
import type { MeasureStores } from './measure-table.ts';
import { measureVersion } from './measure-version.ts';
import { suiteFactsOf } from './suite-facts.ts';

export interface FactStores extends HistoryStores, MeasureStores {
  readonly registry: HistoryStores['registry'] & Pick<ModelRegistry, 'getDeployment' | 'getVersion'>;
}

interface GatheredFacts {
  readonly suite: SuiteFacts;
  /** The last suite's report. */
  readonly before: TestSuiteReport | undefined;
  readonly daily: Omit<DailyFacts, 'tests'>;
}

/** Everything that a day's suite judges by, and what else its report tells. */
export const gatherFacts = async (
  { data, files, registry, ...stores }: FactStores,
  definition: ModelDefinition,
  { day, checkedAtMs }: { readonly day: string; readonly checkedAtMs: number },
): Promise<GatheredFacts> => {
  const { name: model, features, monitors, task, deployment } = definition;
  const reports = await gatherReports(data, model, day);
  // Of the version that the window was compared with, whatever was promoted since.
  const champion = reports.drift?.version ?? (await registry.getDeployment(model))?.version;
  const comparesPairs = deployment.shadow !== undefined;
  const asked = { model, day, features, ids: referenceTestIds(monitors.tests ?? []) };
  const [{ paysFromDays, ...history }, measured] = await Promise.all([
    gatherHistory({ ...stores, registry }, { model, champion, comparesPairs }),
    measureVersion({ data, files, registry }, champion, asked),
  ]);
  const about = { model, day, task, ...(champion === undefined ? {} : { version: champion }) };
  return {
    suite: { ...about, ...measured, features, paysFromDays, ...suiteFactsOf(definition, reports) },
    before: reports.before,
    daily: {
      ...about,
      ...history,
      checkedAtMs,
      schedule: monitors.schedule,
      drift: reports.drift,
      performance: reports.performance,
      history: reports.lastDaily?.history ?? [],
    },
  };
};
