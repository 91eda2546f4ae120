import { measureQuality } from '../../shared/core/evaluation/index.ts';
import { detailEvaluation, type EvaluationDetails } from '../../shared/core/reports/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import { drawsOf } from './judged-rollouts.ts';

const ROWS = 6_000;
const DAYS = 14;
const TASK = 'binary-classification';

/** An evaluation of a candidate that sees a little more than the champion, with everything that its report can show. */
export const drawnEvaluation = (): EvaluationDetails => {
  const draw = drawsOf(11);
  const shift = Array.from({ length: DAYS }, () => draw() - 0.5);
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const [distance, wind] = [2_000 * draw(), 40 * draw()];
    const log = -1.8 + distance / 2_000 + wind / 40 + (shift[row % DAYS] ?? 0);
    const probability = 1 / (1 + Math.exp(-log));
    return { distance, wind, log, label: draw() < probability ? 1 : 0, origin: draw() < 0.6 ? 'ORD' : 'LAX' };
  });
  const labels = rows.map(({ label }) => label);
  const candidate = rows.map(({ log }) => 1 / (1 + Math.exp(-log - 0.15)));
  const champion = rows.map(({ distance }) => 1 / (1 + Math.exp(1.1 - distance / 2_500)));
  const quality = {
    candidate: measureQuality(TASK, { labels, predictions: candidate }),
    champion: measureQuality(TASK, { labels, predictions: champion }),
  };
  return detailEvaluation(
    {
      model: 'toy',
      runId: 'run-2',
      task: TASK,
      passed: true,
      outcome: 'better than the champion on 13 of 14 days',
      findings: [
        { rule: 'baseline', passed: true, message: 'log loss 0.571 against 0.62 of the baseline' },
        { rule: 'slices', passed: false, message: 'origin <LAX> is worse by 0.002' },
      ],
      championVersion: 1,
      quality,
      baseline: { prediction: 0.3, loss: 0.64 },
      comparison: {
        meanDifference: -0.021,
        betterDayCount: 13,
        dayCount: DAYS,
        verdict: 'better',
        interval: { lower: -0.03, upper: -0.012 },
      } as never,
    },
    {
      eventAtMs: rows.map((_, row) => Date.UTC(2026, 10, 1) + (row % DAYS) * DAY_MS),
      labels,
      candidate,
      champion,
      columns: new Map<string, Float64Array | readonly string[]>([
        ['distance', Float64Array.from(rows, ({ distance }) => distance)],
        ['wind', Float64Array.from(rows, ({ wind }) => wind)],
        ['origin', rows.map(({ origin }) => origin)],
      ]),
    },
    {
      explanation: {
        method: 'tree-path-dependent',
        rowCount: 500,
        importance: [
          { feature: 'origin_late_share_of_the_last_24_hours', meanContribution: 0.413, lossIncrease: 0.0712 },
          { feature: 'wind', meanContribution: 0.22, lossIncrease: 0.031 },
          { feature: 'origin', meanContribution: 0.013, lossIncrease: -0.0002 },
        ],
        partialDependence: [
          {
            feature: 'distance',
            values: [0, 500, 1_000, 1_500, 2_000],
            mean: [0.2, 0.24, 0.29, 0.33, 0.4],
            rows: [
              [0.1, 0.12, 0.2, 0.22, 0.3],
              [0.3, 0.31, 0.35, 0.41, 0.5],
            ],
          },
          { feature: 'origin', values: ['ORD', 'LAX'], mean: [0.3, 0.28], rows: [[0.31, 0.27]] },
        ],
      },
      costs: { falseAlarm: 1, miss: 3 },
    },
  );
};
