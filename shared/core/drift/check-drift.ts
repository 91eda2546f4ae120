import { InvalidRequestError } from '../../kernel/errors.ts';
import type { DriftCalibration } from './drift-calibration.ts';
import type { DriftCheck, DriftState, OpenEpisode } from './drift-check.ts';
import type { DayProfile } from './drift-reference.ts';
import { type DriftSettings, settled } from './drift-settings.ts';
import { nextEpisode } from './episodes.ts';
import { floorPsi } from './floor-rule.ts';
import { largestStatistic, nameChanges } from './name-changes.ts';
import { rounded } from './rounded.ts';
import { type ComponentDay, hasEnoughRows, noMeans, takeDay } from './running-means.ts';
import { dayNumber } from './weekdays.ts';

export interface CheckInput {
  readonly calibration: DriftCalibration;
  /** Up to the checked day, which is the last; those that the state holds already are not taken again. */
  readonly days: readonly DayProfile[];
  /** Of an earlier day's check; without one, or after a new calibration, evidence begins anew. */
  readonly state?: DriftState | undefined;
  readonly settings?: DriftSettings | undefined;
}

type Course = Pick<DriftState, 'checksAbove' | 'episode'>;

const checkInput = ({ calibration, days, state }: CheckInput): DayProfile => {
  const last = days.at(-1);
  if (last === undefined) throw new InvalidRequestError('a drift check must have at least one day, got none');
  days.forEach(({ day, profile }, i) => {
    if (i > 0 && day <= (days[i - 1]?.day ?? ''))
      throw new InvalidRequestError(`days must ascend, got ${day} after ${days[i - 1]?.day}`);
    if (profile.binsId !== calibration.binsId)
      throw new InvalidRequestError(
        `a day must be counted by bins ${calibration.binsId}, got ${day} by ${profile.binsId}`,
      );
  });
  if (state?.calibrationId === calibration.id && state.day >= last.day)
    throw new InvalidRequestError(`the state must be of a day before ${last.day}, got one of ${state.day}`);
  return last;
};

const tellEpisode = (before: OpenEpisode | undefined, after: OpenEpisode | undefined): Pick<DriftCheck, 'episode'> => {
  if (after !== undefined) return { episode: { ...after, opened: before?.since !== after.since, ended: false } };
  return before === undefined ? {} : { episode: { ...before, opened: false, ended: true } };
};

const stateOf = (
  calibration: DriftCalibration,
  day: string,
  means: DriftState['means'],
  course: Course,
): DriftState => ({
  schemaVersion: 1,
  calibrationId: calibration.id,
  day,
  means,
  checksAbove: course.checksAbove,
  ...(course.episode === undefined ? {} : { episode: course.episode }),
});

type Checked = { readonly check: DriftCheck; readonly state: DriftState };

/** The rule while no limit is calibrated: a PSI over the window above a fixed limit, on several checks in a row. */
const checkByFloor = ({ calibration, days, state, settings = {} }: CheckInput, { day }: DayProfile): Checked => {
  const { floor } = settled(settings);
  const window = days.filter((one) => dayNumber(one.day) > dayNumber(day) - calibration.windowDays);
  const { psi, why } = floorPsi(calibration, window, floor);
  const evidence = psi === undefined ? 0 : rounded(psi / floor.psiLimit);
  const isAbove = psi !== undefined && psi > floor.psiLimit;
  const checksAbove = isAbove ? (state?.checksAbove ?? 0) + 1 : 0;
  const episode = nextEpisode(state?.episode, {
    day,
    evidence: isAbove && (state?.episode !== undefined || checksAbove >= floor.checks) ? evidence : 0,
    endsAfterDays: 1,
  });
  const status = psi === undefined ? 'not-enough-evidence' : isAbove ? 'above-limit' : 'within-limit';
  const reason =
    why ??
    `${calibration.statement}; the PSI of ${floor.column} over ${calibration.windowDays} days is ${psi?.toFixed(3)}, ${isAbove ? 'above' : 'within'} the floor's limit ${floor.psiLimit}`;
  const check: DriftCheck = {
    schemaVersion: 1,
    day,
    calibrated: false,
    status,
    reason,
    evidence,
    ...(psi === undefined ? {} : { statistic: rounded(psi) }),
    limit: floor.psiLimit,
    ...tellEpisode(state?.episode, episode),
    findings: [],
    columns: [],
    slices: [],
    leftOut: [],
  };
  return {
    check,
    state: stateOf(calibration, day, [], { checksAbove, ...(episode === undefined ? {} : { episode }) }),
  };
};

const reasonOf = (calibration: DriftCalibration, limit: number, statistic: number | undefined): string => {
  if (statistic === undefined) return 'not enough evidence: too few rows on the day';
  const place = statistic >= limit ? 'not below' : 'below';
  return `the largest change is ${statistic.toFixed(1)} standard deviations, ${place} the limit ${limit.toFixed(1)} (${calibration.statement})`;
};

const checkByLimit = ({ calibration, days, state, settings = {} }: CheckInput, limit: number): Checked => {
  const { falseDiscoveryRate } = settled(settings);
  const { windowDays, smallestEffect } = calibration;
  let means = state?.means ?? noMeans(calibration);
  let [before, episode] = [state?.episode, state?.episode];
  let components: readonly ComponentDay[] = [];
  let statistic: number | undefined;
  const leftOut: { day: string; why: string }[] = [];
  const whole = calibration.slices[0];
  for (const day of days.filter((one) => one.day > (state?.day ?? ''))) {
    before = episode;
    statistic = undefined;
    components = [];
    if (whole === undefined || !hasEnoughRows(whole, day.profile.rowCount)) {
      leftOut.push({ day: day.day, why: `${day.profile.rowCount} rows of usually ${whole?.rowsPerDay.toFixed(0)}` });
      continue;
    }
    ({ means, components } = takeDay(calibration, means, day));
    statistic = rounded(largestStatistic(components, smallestEffect));
    episode = nextEpisode(episode, { day: day.day, evidence: rounded(statistic / limit), endsAfterDays: windowDays });
  }
  const day = days.at(-1)?.day ?? '';
  const isAbove = statistic !== undefined && statistic >= limit;
  const check: DriftCheck = {
    schemaVersion: 1,
    day,
    calibrated: true,
    status: statistic === undefined ? 'not-enough-evidence' : isAbove ? 'above-limit' : 'within-limit',
    reason: reasonOf(calibration, limit, statistic),
    evidence: rounded((statistic ?? 0) / limit),
    ...(statistic === undefined ? {} : { statistic }),
    limit,
    ...tellEpisode(before, episode),
    ...nameChanges(calibration, components, { alarmed: isAbove, falseDiscoveryRate, importance: settings.importance }),
    leftOut,
  };
  return {
    check,
    state: stateOf(calibration, day, means, { checksAbove: 0, ...(episode === undefined ? {} : { episode }) }),
  };
};

/**
 * One day's check: takes the days that the state does not hold yet, and decides for the last. The same input gives the
 * same answer; a repeat is made from the same earlier state.
 * @throws InvalidRequestError for days out of order, days counted by other bins, and a state that is not earlier.
 */
export const checkDrift = (input: CheckInput): Checked => {
  const last = checkInput(input);
  const { calibration, state } = input;
  const own = { ...input, state: state?.calibrationId === calibration.id ? state : undefined };
  return calibration.limit === undefined ? checkByFloor(own, last) : checkByLimit(own, calibration.limit);
};
