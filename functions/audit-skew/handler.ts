import { listDataset } from '../../shared/adapters/s3/list-dataset.ts';
import { skewReportKey } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { embeddedMetrics } from '../../shared/contracts/embedded-metrics.ts';
import { AuditSkewInput } from '../../shared/contracts/feature-workflow.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { FEATURE_METRIC_NAMES } from '../../shared/contracts/metric-names.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { auditRows, type OpenEngine } from './audit-rows.ts';
import { readEntityRows } from './read-entity-rows.ts';

interface Deps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly data: Pick<ArtifactStore, 'list' | 'get' | 'put'>;
  readonly openEngine: OpenEngine;
  readonly clock: Clock;
}

export interface AuditSkewOutput {
  readonly day: string;
  /** Predictions by entity that were captured on the day. */
  readonly rowCount: number;
  /** Of all features: the largest share of values that are not what training would compute. */
  readonly skewShareMax: number;
}

/**
 * Sends the predictions by entity of the last whole UTC day through the training transform and reports how far what was
 * served is from it. Writes one report a day: run again, it writes the same.
 */
export const createHandler =
  ({ stage, definitions, data, openEngine, clock }: Deps) =>
  async (event: unknown): Promise<AuditSkewOutput> => {
    const { model, scheduledAt } = parse(AuditSkewInput, event);
    const definition = definitionOf(definitions, model);
    const toMs = Math.floor(Date.parse(scheduledAt) / DAY_MS) * DAY_MS;
    const day = utcDay(toMs - DAY_MS);
    const rows = await readEntityRows(data, { model, day });
    const list = (span: { readonly fromMs: number; readonly throughMs: number }) =>
      listDataset(data, definition.data.dataset, span);
    const audited = await auditRows({ data, openEngine, list }, definition, rows);
    const skewShareMax = Math.max(0, ...audited.served.map(({ differingShare }) => differingShare));
    const report = { schemaVersion: 1, model, day, rowCount: rows.length, ...audited };
    await data.put(skewReportKey(model, day), toJsonFile(report), 'application/json');
    const properties = { day, rowCount: rows.length };
    // Without a prediction by entity there is nothing to tell: a day of features sent by callers is not a good one.
    if (audited.served.some(({ comparedCount }) => comparedCount > 0)) {
      const metrics = { [FEATURE_METRIC_NAMES.featureSkewShareMax]: skewShareMax };
      console.log(embeddedMetrics({ stage, model, atMs: clock.nowMs(), metrics, properties }));
    }
    return { day, rowCount: rows.length, skewShareMax };
  };
