import {
  htmlPage,
  renderChart,
  renderKey,
  renderNote,
  renderSection,
  renderTable,
} from '../../../shared/core/reports/index.ts';
import { utcDay } from '../../../shared/kernel/time.ts';
import { claimsOf } from './claims.ts';
import type { RetrainingSimulation } from './simulate-retraining.ts';
import { tablesOf } from './tell-retraining.ts';

const decisionsChart = ({ decisions }: RetrainingSimulation): string => {
  const ticks = decisions.map(({ atMs }) => ({ at: atMs, text: utcDay(atMs).slice(5) }));
  return `${renderChart({
    title: 'Gain of retraining: estimated and measured',
    description: `Estimated and measured gain of ${decisions.length} dates; the tables have the numbers`,
    xName: 'decided on',
    yName: 'gain, log loss',
    xTicks: ticks,
    levels: [{ at: 0, of: 'zero' }],
    lines: [
      {
        of: 'champion',
        dots: true,
        points: decisions.map(({ atMs, backTest: { gain } }) => ({
          x: atMs,
          y: gain.mean,
          lower: gain.lower,
          upper: gain.upper,
        })),
      },
      { of: 'candidate', dots: true, points: decisions.map(({ atMs, measured }) => ({ x: atMs, y: measured })) },
    ],
  })}${renderKey([
    { of: 'champion', text: 'estimated, with its interval' },
    { of: 'candidate', text: 'measured on the next 28 days' },
  ])}`;
};

const stalenessChart = ({ staleness }: RetrainingSimulation): string =>
  renderChart({
    title: 'Added log loss by age of a model',
    description: 'Added log loss over the freshest model by weeks of age; the table has the numbers',
    xName: 'age, days',
    yName: 'added log loss',
    levels: [{ at: 0, of: 'zero' }],
    lines: [
      {
        of: 'single',
        points: staleness
          .filter(({ dayCount }) => dayCount >= 14)
          .map(({ fromDays, toDays, addedLoss, ...interval }) => ({
            x: (fromDays + toDays) / 2,
            y: addedLoss,
            ...interval,
          })),
      },
    ],
  });

/** The simulation as one self-contained page. */
export const renderRetraining = (simulation: RetrainingSimulation): string => {
  const claims = claimsOf(simulation);
  const charts = [decisionsChart(simulation), '', stalenessChart(simulation), ''];
  return htmlPage({
    title: 'Is retraining worth it? Simulated on real flights',
    sections: [
      renderSection(
        'Claims',
        renderTable({
          label: 'Claims',
          columns: ['claim', 'measured', ''],
          rows: claims.map(({ name, measured, holds }) => [name, measured, holds ? 'holds' : 'FAILS']),
        }),
      ),
      ...tablesOf(simulation).map(({ title, head, rows, note = '' }, i) =>
        renderSection(title, charts[i] ?? '', renderTable({ label: title, columns: head, rows }), renderNote(note)),
      ),
    ],
  });
};
