import { REFERENCE_PROFILE_FILE, windowProfileKey } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { ProfileWindowInput } from '../../shared/contracts/drift-workflow.ts';
import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { DRIFT_REFERENCE_FILE } from '../../shared/contracts/monitoring-keys.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { interpretPlan } from '../../shared/core/monitoring/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';
import { compactCaptures } from './compact-captures.ts';
import { findNewest } from './find-newest.ts';
import { mergeStoredDays } from './merge-stored-days.ts';
import { recordWindow } from './record-window.ts';
import { windowFile } from './window-file.ts';

interface Deps {
  readonly definitions: Definitions;
  readonly lineage: Pick<LineageStore, 'record'>;
  readonly data: ArtifactStore;
  readonly files: Pick<VersionFiles, 'read'>;
  readonly clock: Clock;
}

/**
 * Merges what was folded of the trailing whole days into one object a day, where anything has changed, and tells what the
 * window holds. All answers count, whichever version gave them: they are what callers got. Everything is a function of the
 * deltas that lie there: repeated, late or beside another it writes the same.
 */
export const createHandler =
  ({ definitions, lineage, data, files, clock }: Deps) =>
  async (event: unknown): Promise<{ readonly version: number; readonly windowProfileKey: string }> => {
    const { model, scheduledAt, version, package: packaged } = parse(ProfileWindowInput, event);
    const definition = definitionOf(definitions, model);
    const plan = await interpretPlan(await files.read(packaged, DRIFT_REFERENCE_FILE), () =>
      files.read(packaged, REFERENCE_PROFILE_FILE),
    );
    const toMs = Math.floor(Date.parse(scheduledAt) / DAY_MS) * DAY_MS;
    const fromMs = toMs - definition.monitors.windowDays * DAY_MS;
    const nowMs = clock.nowMs();
    const days = await mergeStoredDays(data, { model, plan, fromMs, toMs, nowMs });
    const newest = await findNewest(data, { days, dataset: definition.data.dataset, nowMs });
    const window = windowFile({ model, version, foldId: plan.id, fromMs, toMs, newest }, days);
    const key = windowProfileKey(model, utcDay(toMs - 1));
    await data.put(key, toJsonFile(window), 'application/json');
    await recordWindow(lineage, { model, toMs, versions: window.versions, champion: version }, nowMs);
    await compactCaptures(data, { model, fromMs, nowMs });
    return { version, windowProfileKey: key };
  };
