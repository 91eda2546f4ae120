import { REFERENCE_PROFILE_FILE, windowProfileKey } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { ProfileWindowInput } from '../../shared/contracts/drift-workflow.ts';
import { embeddedMetrics } from '../../shared/contracts/embedded-metrics.ts';
import { METRIC_NAMES } from '../../shared/contracts/metric-names.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { foldWindow, profileWindow, type ReferenceProfile } from '../../shared/core/monitoring/index.ts';
import { requirePackaged } from '../../shared/core/registry/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { readCaptures } from './read-captures.ts';
import { recordWindow } from './record-window.ts';

interface Deps {
  readonly stage: string;
  readonly definitions: Definitions;
  readonly registry: ModelRegistry;
  readonly lineage: Pick<LineageStore, 'record'>;
  readonly data: ArtifactStore;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
}

interface Profiled {
  readonly outcome: 'profiled';
  readonly version: number;
  readonly windowProfileKey: string;
  readonly referenceProfileKey: string;
}

/**
 * Counts the captured predictions of the trailing whole days by the bins of the champion's reference profile. All
 * answers count, whichever version gave them: they are what callers got. Writes one object a day: repeating it
 * writes the same.
 */
export const createHandler =
  ({ stage, definitions, registry, lineage, data, artifacts, clock }: Deps) =>
  async (event: unknown): Promise<Profiled | { readonly outcome: 'no model in service' }> => {
    const { model, scheduledAt } = parse(ProfileWindowInput, event);
    const { windowDays } = definitionOf(definitions, model).monitors;
    const deployment = await registry.getDeployment(model);
    console.log(embeddedMetrics({ stage, model, atMs: clock.nowMs(), metrics: { [METRIC_NAMES.driftCheckRan]: 1 } }));
    if (deployment === undefined) return { outcome: 'no model in service' };
    const { version } = deployment;
    const { artifactPrefix } = requirePackaged(await registry.getVersion(model, version), 'profiled');
    const referenceProfileKey = `${artifactPrefix}${REFERENCE_PROFILE_FILE}`;
    const reference: ReferenceProfile = JSON.parse(new TextDecoder().decode(await artifacts.get(referenceProfileKey)));

    const toMs = Math.floor(Date.parse(scheduledAt) / DAY_MS) * DAY_MS;
    const fromMs = toMs - windowDays * DAY_MS;
    const records = await readCaptures(data, { model, fromMs, nowMs: clock.nowMs() });
    const profile = profileWindow(reference, foldWindow({ records, fromMs, toMs }));
    const key = windowProfileKey(model, utcDay(toMs - 1));
    await data.put(key, new TextEncoder().encode(JSON.stringify(profile)), 'application/json');
    await recordWindow(lineage, { model, fromMs, toMs, records, champion: version }, clock.nowMs());
    return { outcome: 'profiled', version, windowProfileKey: key, referenceProfileKey };
  };
