import { renderNote, renderSection, renderTable } from '../../../shared/core/reports/html-blocks.ts';
import { htmlPage } from '../../../shared/core/reports/html-page.ts';
import { renderChart } from '../judge/chart.ts';
import { claimsOf, kindName } from './claims.ts';
import type { NullResult, NullYearSimulation } from './simulate-null-year.ts';
import { type Cells, nullCells, plantedCells } from './tell-null-year.ts';

const YEARS_DRAWN = 3;

const STYLE = `
svg .grid { stroke: currentColor; opacity: .2 } svg .level { stroke: currentColor; stroke-dasharray: 2 3 }
svg text { fill: currentColor; font: 12px system-ui, sans-serif } polyline { fill: none; stroke-width: 1.5 }
.c0 { stroke: #0b6bcb } .c1 { stroke: #8250df } .c2 { stroke: #bc4c00 }
.b0 { background: #0b6bcb } .b1 { background: #8250df } .b2 { background: #bc4c00 }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; padding: 0 }
.swatch { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem }
`;

const tableOf = (label: string, [columns = [], ...rows]: Cells): string => renderTable({ label, columns, rows });

const evidenceChart = ({ kind, referenceDays, years }: NullResult): string =>
  renderChart({
    title: `Evidence of ${Math.min(YEARS_DRAWN, years.length)} clean years: ${kindName(kind)}, reference of ${referenceDays} days`,
    xTitle: 'days',
    yTitle: 'statistic ÷ limit',
    y: [0, 1.5],
    level: { y: 1, name: 'alarm' },
    tellX: (x) => x.toFixed(0),
    tellY: (y) => y.toFixed(1),
    lines: years.slice(0, YEARS_DRAWN).map(({ seed, evidence }, colour) => ({
      name: `year ${seed}`,
      colour,
      points: evidence.map((one, day) => [day + 1, one] as const),
    })),
  });

/** The simulation as one self-contained HTML page. */
export const renderNullYear = (simulation: NullYearSimulation): string => {
  const claims = claimsOf(simulation);
  return htmlPage({
    title: 'The drift check through clean years',
    style: STYLE,
    sections: [
      renderSection(
        `Claims: ${claims.filter(({ holds }) => holds).length} of ${claims.length} hold`,
        tableOf('claims', [
          ['claim', 'measured', ''],
          ...claims.map(({ name, measured, holds }) => [name, measured, holds ? 'holds' : 'FAILS']),
        ]),
        renderNote(`${simulation.columnCount} features, seed ${simulation.seed}, ${simulation.wallSeconds} s.`),
      ),
      renderSection(
        'Clean years',
        tableOf('clean years', nullCells(simulation)),
        ...simulation.nulls.map(evidenceChart),
      ),
      renderSection('Planted changes', tableOf('planted changes', plantedCells(simulation))),
    ],
  });
};
