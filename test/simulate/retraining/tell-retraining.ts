import { utcDay } from '../../../shared/kernel/time.ts';
import { claimsOf } from './claims.ts';
import { EXAMPLE, type RetrainingSimulation } from './simulate-retraining.ts';
import type { Weighed } from './weigh-retraining.ts';

/** The simulation as tables of text, for a terminal and for a page. */

export interface TextTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly note?: string;
}

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(5)}`;
const DAYS = 86_400_000;

const decisionRow = (one: Weighed): readonly string[] => {
  const { gain, days, betterDayCount } = one.backTest;
  return [
    utcDay(one.atMs),
    `${(one.atMs - one.championThroughMs) / DAYS}`,
    signed(gain.mean),
    `${signed(gain.lower)} to ${signed(gain.upper)}`,
    `${betterDayCount} of ${days.length}`,
    signed(one.sevenDays.gain.mean),
    `${signed(one.measured)} ± ${one.standardError.toFixed(5)}`,
    one.signIsRight ? 'right' : 'WRONG',
    one.isCovered ? 'within' : 'OUTSIDE',
  ];
};

export const tablesOf = (simulation: RetrainingSimulation): readonly TextTable[] => {
  const { decisions, tallies, staleness, courses, rowCount, flightsPerDay } = simulation;
  const gained = decisions.filter(({ measured }) => measured > 0).length;
  return [
    {
      title: 'Is retraining version 1 (1 February) worth it?',
      head: ['date', 'age', 'estimate', '95 %', 'days better', 'by 7 days', 'measured, 28 days', 'sign', 'interval'],
      rows: decisions.map(decisionRow),
      note:
        `Gain in log loss of a prediction. Every model learnt from ${rowCount} flights, both sides alike, and was scored on ` +
        `${flightsPerDay} flights of each day. Retraining gained on ${gained} of ${decisions.length} dates: who always says ` +
        'yes is right as often.',
    },
    {
      title: 'Every week from 14 February to 23 May, champions of every age',
      head: ['champion', 'pairs', 'right', 'right by 7 days', 'clear, right', 'within', 'error', 'error by 7 days'],
      rows: tallies.map((tally) => [
        tally.championWeeks === 'version 1' ? 'version 1' : `${tally.championWeeks} weeks old`,
        String(tally.count),
        String(tally.rightCount),
        String(tally.sevenDaysRightCount),
        `${tally.clearRightCount} of ${tally.clearCount}`,
        String(tally.coveredCount),
        tally.rootMeanSquaredError.toFixed(5),
        tally.sevenDaysRootMeanSquaredError.toFixed(5),
      ]),
      note: 'Clear: the measured gain is beyond two of its standard errors. Weeks share days, so the counts are no independent draws.',
    },
    {
      title: 'Quality by age of a model',
      head: ['age, days', 'days', 'added log loss', '95 %'],
      rows: staleness.map(({ fromDays, toDays, dayCount, addedLoss, lower, upper }) => [
        `${fromDays} to ${toDays}`,
        String(dayCount),
        signed(addedLoss),
        lower === undefined || upper === undefined ? '–' : `${signed(lower)} to ${signed(upper)}`,
      ]),
      note: `Over the freshest model on the same days. If a unit of loss is worth ${EXAMPLE.usdPerLoss} $ a prediction, ${EXAMPLE.predictionsPerDay} a day, and a retraining costs ${EXAMPLE.costUsd} $, it pays from an age of ${simulation.paysFromDays ?? '(none seen)'} days on.`,
    },
    {
      title: 'What became of it, 14 February to 19 June',
      head: ['rule', 'trainings', 'mean log loss', 'loss and trainings, $'],
      rows: courses.map(({ name, trainingCount, meanLoss, usd }) => [
        name,
        String(trainingCount),
        meanLoss.toFixed(5),
        usd.toFixed(0),
      ]),
      note: `At ${EXAMPLE.usdPerLoss} $ a unit of loss and prediction, and ${EXAMPLE.costUsd} $ a training.`,
    },
  ];
};

const textOf = ({ title, head, rows, note }: TextTable): string => {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return [title, line(head), ...rows.map(line), ...(note === undefined ? [] : [note])].join('\n');
};

export const tellRetraining = (simulation: RetrainingSimulation): string => {
  const claims = claimsOf(simulation);
  const lines = claims.map(({ name, measured, holds }) => `${holds ? 'holds' : 'FAILS'}  ${name}: ${measured}`);
  const held = claims.filter(({ holds }) => holds).length;
  return [
    ...tablesOf(simulation).map(textOf),
    lines.join('\n'),
    `${held} of ${claims.length} claims hold, ${simulation.wallSeconds} s`,
  ].join('\n\n');
};
