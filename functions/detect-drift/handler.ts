import { driftReportKey } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import type { DriftReport } from '../../shared/contracts/drift-report.ts';
import { DetectDriftInput } from '../../shared/contracts/drift-workflow.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';
import { checkWindow } from './check-window.ts';
import { readState, writeState } from './drift-state.ts';
import { gatherWindow } from './gather-window.ts';
import { publishReport } from './publish-report.ts';
import { readImportance } from './read-importance.ts';
import { recordComparison } from './record-comparison.ts';

interface Deps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly data: ArtifactStore;
  readonly files: Pick<VersionFiles, 'read'>;
  readonly events: EventPublisher;
  readonly lineage: Pick<LineageStore, 'record'>;
  readonly clock: Clock;
}

interface Output {
  readonly status: DriftReport['status'];
  readonly reason: string;
  readonly reportKey: string;
}

/**
 * Compares the window with the reference of the version in service, writes the report and publishes its numbers as metrics
 * of the time of publishing. The alarm on them decides what follows. Repeated, it writes the same report and a second
 * datapoint of the same value.
 */
export const createHandler =
  ({ stage, definitions, data, files, events, lineage, clock }: Deps) =>
  async (event: unknown): Promise<Output> => {
    const input = parse(DetectDriftInput, event);
    const { model, version } = input;
    const gathered = await gatherWindow({ data, files }, input);
    const day = utcDay(gathered.file.toMs - 1);
    const state = await readState(data, model, day);
    const importance = await readImportance(files, input.package, gathered.calibration);

    const window = { ...gathered, importance };
    const { report, state: next } = checkWindow(definitionOf(definitions, model), window, state);
    const reportKey = driftReportKey(model, day);
    await data.put(reportKey, toJsonFile(report), 'application/json');
    await writeState(data, model, day, next);
    await recordComparison(lineage, { model, version, day, recordedAtMs: clock.nowMs() });
    await publishReport({ stage, events, clock }, report);
    return { status: report.status, reason: report.reason, reportKey };
  };
