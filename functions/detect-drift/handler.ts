import { driftReportKey } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { DetectDriftInput } from '../../shared/contracts/drift-workflow.ts';
import { embeddedMetrics } from '../../shared/contracts/embedded-metrics.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  type DriftStatus,
  detectDrift,
  type ReferenceProfile,
  type WindowProfile,
} from '../../shared/core/monitoring/index.ts';
import { isoTime, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import { namedMetrics } from './named-metrics.ts';
import { readJson } from './read-json.ts';

interface Deps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly data: ArtifactStore;
  readonly artifacts: ArtifactStore;
  readonly events: EventPublisher;
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
  ({ stage, definitions, data, artifacts, events, clock }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, version, windowProfileKey, referenceProfileKey } = parse(DetectDriftInput, event);
    const { windowDays, minRows, predictionPsiLimit } = definitionOf(definitions, model).monitors;
    const [reference, window] = await Promise.all([
      readJson(artifacts, referenceProfileKey) as Promise<ReferenceProfile>,
      readJson(data, windowProfileKey) as Promise<WindowProfile>,
    ]);

    const report = detectDrift({ reference, window, limits: { windowDays, minRows, predictionPsiLimit } });
    const reportKey = driftReportKey(model, utcDay(report.toMs - 1));
    await data.put(reportKey, Buffer.from(JSON.stringify({ model, version, ...report })), 'application/json');
    const metrics = namedMetrics(report.metrics);
    const properties = { version, windowEnd: isoTime(report.toMs), status: report.status };
    console.log(embeddedMetrics({ stage, model, atMs: clock.nowMs(), metrics, properties }));
    if (report.status === 'above-limit') {
      const predictionPsi = report.metrics.predictionPsi ?? 0;
      await events.publish('Drift Detected', { model, version, windowEnd: isoTime(report.toMs), predictionPsi });
    }
    return { status: report.status, reason: report.reason, reportKey };
  };
