import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { performanceSettingsOf } from '../../shared/contracts/performance-definition.ts';
import { MeasurePerformanceInput, performanceReportKey } from '../../shared/contracts/performance-report.ts';
import { firstOpenDay, makePerformanceReport, type PerformanceReport } from '../../shared/core/performance/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';
import { findStanding } from './find-standing.ts';
import { type PublishDeps, publishReport } from './publish-report.ts';
import { readOutcomes } from './read-outcomes.ts';
import { readReference } from './read-reference.ts';

interface Deps extends PublishDeps {
  readonly definitions: Definitions;
  readonly data: Pick<ArtifactStore, 'get' | 'put' | 'list'>;
  readonly files: Pick<VersionFiles, 'read'>;
}

type Output = Pick<PerformanceReport, 'status' | 'reason'> & { readonly reportKey: string };

/**
 * Joins the labels that have arrived to their predictions, and measures the days that they may change: one report a day,
 * of what was received until the check's hour, and metrics of the time of publishing. Made again it is the same, and says
 * again what has just begun.
 */
export const createHandler =
  ({ definitions, data, files, ...publishing }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, scheduledAt, version, package: packaged } = parse(MeasurePerformanceInput, event);
    const definition = definitionOf(definitions, model);
    const settings = performanceSettingsOf(definition);
    const nowMs = Date.parse(scheduledAt);
    const day = utcDay(Math.floor(nowMs / DAY_MS) * DAY_MS - DAY_MS);
    const reportKey = performanceReportKey(model, day);
    const standing = await findStanding(data, model, reportKey);
    const fromMs = Date.parse(firstOpenDay(day, settings));
    const arrivedFromMs = Math.max(fromMs, standing.readThroughMs);
    const found = await readOutcomes(data, { definition, day, fromMs, arrivedFromMs, nowMs });

    const report = makePerformanceReport({
      model,
      version,
      day,
      checkedAtMs: nowMs,
      settings,
      ...found,
      reference: await readReference(files, packaged),
      previous: standing.previous,
    });
    await data.put(reportKey, toJsonFile(report), 'application/json');
    await publishReport(publishing, report);
    return { status: report.status, reason: report.reason, reportKey };
  };
