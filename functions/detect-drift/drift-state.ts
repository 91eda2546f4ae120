import { toJsonFile } from '../../shared/contracts/json-file.ts';
import { driftStateKey, driftStatePrefix } from '../../shared/contracts/monitoring-keys.ts';
import type { DriftState } from '../../shared/core/drift/index.ts';
import type { DayCount } from '../../shared/core/monitoring/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** What one day's check leaves to the next. */
export interface CheckState {
  readonly schemaVersion: 1;
  /** Of the running evidence; absent on the floor. */
  readonly drift?: DriftState;
  /** Predictions by day, of the last weeks. */
  readonly days: readonly DayCount[];
  /**
   * The day of the first check that found a version in service (`YYYY-MM-DD`): until it was over, a first canary may have
   * left requests without an answer. Absent in states from before it was kept.
   */
  readonly firstCheckDay?: string;
}

/** @param day the last whole one before the check */
const firstState = (day: string): CheckState => ({
  schemaVersion: 1,
  days: [],
  firstCheckDay: utcDay(Date.parse(day) + DAY_MS),
});

/** The state that the newest earlier check left: asked again for the same day, the same. */
export const readState = async (
  data: Pick<ArtifactStore, 'get' | 'list'>,
  model: string,
  day: string,
): Promise<CheckState> => {
  const states = await data.list(driftStatePrefix(model));
  const before = states.filter(({ key }) => key < driftStateKey(model, day)).at(-1);
  return before === undefined ? firstState(day) : JSON.parse(new TextDecoder().decode(await data.get(before.key)));
};

export const writeState = async (
  data: Pick<ArtifactStore, 'put'>,
  model: string,
  day: string,
  state: CheckState,
): Promise<void> => {
  await data.put(driftStateKey(model, day), toJsonFile(state), 'application/json');
};
