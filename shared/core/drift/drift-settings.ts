import { InvalidRequestError } from '../../kernel/errors.ts';

/** What is asked of a drift check. Tables that are checked side by side share `falseAlarmsPerYear` between them. */
export interface DriftSettings {
  /** Expected episodes a year while nothing has changed. @default 1 */
  readonly falseAlarmsPerYear?: number;
  /** Of the middle one of the three spans (a day, this, four times this), and until an episode ends. @default 7 */
  readonly windowDays?: number;
  /** Changes below it raise no alarm: standard deviations of a level or spread, or as much of a share (Cohen's h). @default 0.1 */
  readonly smallestEffect?: number;
  /** Share of falsely named features among the named ones, inside an alarm. @default 0.1 */
  readonly falseDiscoveryRate?: number;
  /** Years that the limit is set by, of each of two kinds; fewer are sooner drawn, and know less. @default 64 */
  readonly virtualYears?: number;
  /** By column, from 0: a contribution is evidence times this. Default: all count alike. */
  readonly importance?: Readonly<Record<string, number>>;
  /** The rule while no limit can be calibrated. */
  readonly floor?: FloorRule;
}

/** A PSI over the window above a fixed limit, on several checks in a row. */
export interface FloorRule {
  /** @default '@prediction' */
  readonly column?: string;
  /** @default 0.2 */
  readonly psiLimit?: number;
  /** Checks in a row. @default 2 */
  readonly checks?: number;
  /** Rows in the window below which nothing is decided. @default 500 */
  readonly minRows?: number;
}

const checkRange = (name: string, value: number, [least, most]: readonly [number, number]): void => {
  if (!(value >= least && value <= most))
    throw new InvalidRequestError(`${name} must be in [${least}, ${most}], got ${value}`);
};

/** The settings with their defaults. @throws InvalidRequestError for one out of its range. */
export const settled = (settings: DriftSettings) => {
  const {
    falseAlarmsPerYear = 1,
    windowDays = 7,
    smallestEffect = 0.1,
    falseDiscoveryRate = 0.1,
    virtualYears = 64,
  } = settings;
  const { column = '@prediction', psiLimit = 0.2, checks = 2, minRows = 500 } = settings.floor ?? {};
  checkRange('false alarms per year', falseAlarmsPerYear, [0.01, 52]);
  checkRange('window days', windowDays, [1, 28]);
  checkRange('smallest effect', smallestEffect, [0, 10]);
  checkRange('false discovery rate', falseDiscoveryRate, [0.001, 0.5]);
  checkRange('virtual years', virtualYears, [8, 1_000]);
  const floor = { column, psiLimit, checks, minRows };
  return { falseAlarmsPerYear, windowDays, smallestEffect, falseDiscoveryRate, virtualYears, floor };
};
