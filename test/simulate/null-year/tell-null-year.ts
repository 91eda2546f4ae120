import { claimsOf, daysToDetection, falseDiscoveries, firstNamed, kindName, meanOf } from './claims.ts';
import type { NullResult, NullYear, NullYearSimulation, PlantedResult } from './simulate-null-year.ts';

/** A table as rows of cells, its head first. */
export type Cells = readonly (readonly string[])[];

const spreadOf = (years: readonly NullYear[], of: (year: NullYear) => number): string => {
  const values = years.map(of);
  return `${meanOf(values).toFixed(2)} (most ${Math.max(...values).toFixed(0)})`;
};

const nullRow = ({ kind, referenceDays, years }: NullResult): readonly string[] => [
  `${kindName(kind)}, ${referenceDays} days`,
  spreadOf(years, ({ episodes }) => episodes),
  `${spreadOf(years, ({ psi }) => psi.episodes)}; ${meanOf(years.map(({ psi }) => psi.days)).toFixed(0)} days`,
  `${spreadOf(years, ({ ksAny }) => ksAny.episodes)}; ${meanOf(years.map(({ ksAny }) => ksAny.days)).toFixed(0)} days`,
  meanOf(years.map(({ ksDaysPerColumn }) => ksDaysPerColumn)).toFixed(1),
  years[0]?.limits.map((limit) => limit.toFixed(1)).join(' and ') ?? '',
  (meanOf(years.map(({ calibratedInMs }) => calibratedInMs)) / 1_000).toFixed(1),
];

export const nullCells = ({ nulls }: NullYearSimulation): Cells => [
  [
    'clean years',
    'false episodes a year',
    'some PSI > 0.1: episodes',
    'some KS p < 0.05: episodes',
    'KS of one column: days',
    'limits',
    's to calibrate',
  ],
  ...nulls.map(nullRow),
];

const tellDays = (days: number): string => (Number.isFinite(days) ? `${days}` : 'not in 90');

const plantedRow = (result: PlantedResult): readonly string[] => {
  const { median, worst } = daysToDetection(result);
  const found = result.runs.filter(({ days }) => days !== undefined);
  const { slice } = result;
  return [
    result.name,
    kindName(result.kind),
    `${found.length} of ${result.runs.length}`,
    tellDays(median),
    tellDays(worst),
    `${(100 * firstNamed(result)).toFixed(0)} %`,
    falseDiscoveries([result]).toFixed(3),
    slice === undefined
      ? ''
      : `${found.filter(({ namedSlices }) => namedSlices[0] === slice).length} of ${found.length}`,
  ];
};

export const plantedCells = ({ planted }: NullYearSimulation): Cells => [
  ['planted', 'in', 'found', 'days: median', 'worst', 'named first', 'named falsely', 'slice first'],
  ...planted.map(plantedRow),
];

const alignCells = (cells: Cells): string => {
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

export const tellNullYear = (simulation: NullYearSimulation): string => {
  const claims = claimsOf(simulation);
  const held = claims.filter(({ holds }) => holds).length;
  return [
    alignCells(nullCells(simulation)),
    '',
    alignCells(plantedCells(simulation)),
    '',
    ...claims.map(({ name, measured, holds }) => `${holds ? 'holds' : 'FAILS'}  ${name}: ${measured}`),
    '',
    `${held} of ${claims.length} claims hold, ${simulation.columnCount} features, ${simulation.wallSeconds} s`,
  ].join('\n');
};
