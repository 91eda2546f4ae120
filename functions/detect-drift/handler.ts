import { driftReportKey } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { DetectDriftInput } from '../../shared/contracts/drift-workflow.ts';
import { embeddedMetrics } from '../../shared/contracts/embedded-metrics.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type DriftStatus, detectDrift } from '../../shared/core/monitoring/index.ts';
import { isoTime, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import { namedMetrics } from './named-metrics.ts';
import { readReferenceProfile, readWindowProfile } from './read-profiles.ts';
import { recordComparison } from './record-comparison.ts';

interface Deps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly data: ArtifactStore;
  readonly artifacts: ArtifactStore;
  readonly events: EventPublisher;
  readonly lineage: Pick<LineageStore, 'record'>;
  readonly clock: Clock;
}

interface Output {
  readonly status: DriftStatus;
  readonly reason: string;
  readonly reportKey: string;
}

/**
 * Compares the window with the reference profile, writes the report and publishes its numbers as metrics of the
 * time of publishing. The alarm on them decides what follows. Repeated, it writes the same report and a second
 * datapoint of the same value.
 */
export const createHandler =
  ({ stage, definitions, data, artifacts, events, lineage, clock }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, version, windowProfileKey, referenceProfileKey } = parse(DetectDriftInput, event);
    const { windowDays, minRows, predictionPsiLimit } = definitionOf(definitions, model).monitors;
    const [reference, window] = await Promise.all([
      readReferenceProfile(artifacts, referenceProfileKey),
      readWindowProfile(data, windowProfileKey),
    ]);

    const report = detectDrift({ reference, window, limits: { windowDays, minRows, predictionPsiLimit } });
    const day = utcDay(report.toMs - 1);
    const reportKey = driftReportKey(model, day);
    await data.put(reportKey, Buffer.from(JSON.stringify({ model, version, ...report })), 'application/json');
    await recordComparison(lineage, { model, version, day, recordedAtMs: clock.nowMs() });
    const metrics = namedMetrics(report.metrics);
    const properties = { version, windowEnd: isoTime(report.toMs), status: report.status };
    console.log(embeddedMetrics({ stage, model, atMs: clock.nowMs(), metrics, properties }));
    if (report.status === 'above-limit') {
      const predictionPsi = report.metrics.predictionPsi ?? 0;
      await events.publish('Drift Detected', { model, version, windowEnd: isoTime(report.toMs), predictionPsi });
    }
    return { status: report.status, reason: report.reason, reportKey };
  };
