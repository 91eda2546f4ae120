import type { ShadowSimulation } from './simulate-shadow.ts';

const number = (value: number | undefined): string =>
  value === undefined ? '—' : `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(5)}`;

const line = (cells: readonly string[], widths: readonly number[]): string =>
  cells.map((cell, i) => cell.padStart(widths[i] ?? 0)).join('  ');

const WIDTHS = [10, 7, 9, 9, 9, 9, 12, 9, 9];
const HEADS = ['day', 'labels', 'paired', 'mean', 'lower', 'upper', 'unpaired', 'lower', 'upper'];

/** The comparison for a terminal: a line a day, then what each way decided and when. */
export const tellShadow = ({
  flightsPerDay,
  paired,
  unpaired,
  labelsNeeded,
  wallSeconds,
}: ShadowSimulation): string => {
  const { verdict } = paired;
  let [sum, rows] = [0, 0];
  const lines = unpaired.days.map((other, i) => {
    const row = verdict.rows[i];
    if (row !== undefined) {
      sum += row.meanDifference * row.rowCount;
      rows += row.rowCount;
    }
    const mine =
      row === undefined
        ? ['', '', '', '']
        : [number(row.meanDifference), number(sum / rows), number(row.lower), number(row.upper)];
    const labels = String(row?.rowCount ?? '');
    return line([other.day, labels, ...mine, number(other.estimate), number(other.lower), number(other.upper)], WIDTHS);
  });
  return [
    `flight-delay v2 against v1, ${flightsPerDay} flights a day`,
    '',
    'paired: log loss of v2 less v1’s on the same flights: the day’s, the mean so far, and the confidence sequence of the',
    'median day; unpaired: squared error of flights that asked v2 less that of those that asked v1, with the judge’s',
    '',
    line(HEADS, WIDTHS),
    ...lines,
    '',
    `paired:   ${verdict.decision}${paired.decidedOn === undefined ? '' : `, decided on ${paired.decidedOn}`}: ${verdict.reason}`,
    `unpaired: ${unpaired.decidedOn === undefined ? 'no decision' : `decided by ${unpaired.decidedOn}`} after ${unpaired.days.at(-1)?.labels ?? 0} labels through ${unpaired.days.at(-1)?.day}`,
    `by rows alone, for 80 % power: ${labelsNeeded.paired} labels paired, ${labelsNeeded.unpairedEach} each unpaired`,
    `${wallSeconds} s`,
  ].join('\n');
};
