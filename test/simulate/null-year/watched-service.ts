import { addTables } from '../../../shared/core/drift/counted-table.ts';
import {
  type CountedTable,
  calibrateDrift,
  checkDrift,
  type DriftCalibration,
  type DriftCheck,
  type DriftState,
} from '../../../shared/core/drift/index.ts';
import type { Plant, World } from './world.ts';

const TABLES = ['inputs', 'outcomes'] as const;
/** One a year in all: each of the two tables is given half. */
const SETTINGS = { falseAlarmsPerYear: 0.5 };

export interface WatchedService {
  readonly world: World;
  readonly referenceDays: number;
  readonly calibrations: readonly DriftCalibration[];
  readonly reference: CountedTable;
  /** Of both tables, in milliseconds. */
  readonly calibratedInMs: number;
}

/** A service whose drift checks are calibrated by its first days. */
export const watchService = (
  world: World,
  {
    referenceDays,
    virtualYears,
    nowMs,
  }: { readonly referenceDays: number; readonly virtualYears: number; readonly nowMs: () => number },
): WatchedService => {
  const days = Array.from({ length: referenceDays }, (_, index) => world.drawDay(index));
  const startMs = nowMs();
  const calibrations = TABLES.map((table) =>
    calibrateDrift(
      { bins: world.bins[table], days: days.map((day) => day[table]), blockDays: 1 },
      { ...SETTINGS, virtualYears },
    ),
  );
  return {
    world,
    referenceDays,
    calibrations,
    reference: addTables(days.map(({ inputs }) => inputs.profile)),
    calibratedInMs: nowMs() - startMs,
  };
};

export interface WatchedDay {
  /** Day after the reference, from 0. */
  readonly day: number;
  readonly inputs: CountedTable;
  /** Of inputs and of outcomes. */
  readonly checks: readonly DriftCheck[];
}

/** Plays days after the reference, one check a day and table. @param plantedFrom the day on which `plant` begins. */
export function* playDays(
  { world, referenceDays, calibrations }: WatchedService,
  {
    dayCount,
    plant,
    plantedFrom = 0,
  }: { readonly dayCount: number; readonly plant?: Plant; readonly plantedFrom?: number },
): Generator<WatchedDay> {
  const states: (DriftState | undefined)[] = TABLES.map(() => undefined);
  for (let day = 0; day < dayCount; day += 1) {
    const drawn = world.drawDay(referenceDays + day, day >= plantedFrom ? plant : undefined);
    const checks = TABLES.map((table, i) => {
      const calibration = calibrations[i] as DriftCalibration;
      const { check, state } = checkDrift({ calibration, days: [drawn[table]], state: states[i], settings: SETTINGS });
      states[i] = state;
      return check;
    });
    yield { day, inputs: drawn.inputs.profile, checks };
  }
}
