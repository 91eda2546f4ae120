import type { DayPerformance, Measured, PerformanceReport } from '../../shared/core/performance/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import { drawsOf } from '../helpers/judged-rollouts.ts';
import { DRIFT_DAYS, DRIFT_FIRST_MS } from './drawn-drift.ts';

const IMMATURE_DAYS = 3;

const around = (value: number, width: number): Required<Measured> => ({
  value,
  lower: value - width,
  upper: value + width,
});

const REVENUE = { name: 'revenue <net>', unit: '€', aggregate: 'mean' } as const;

/** Four versions took over from each other, the last of them is a canary. */
const servedBy = (day: number): readonly number[] => {
  const fourth = day > 14 ? [4] : [];
  if (day < 4) return [1];
  return [...fourth, ...(day < 9 ? [2] : [3]), ...(day === 4 ? [1] : day === 9 ? [2] : [])];
};

/** Quality of three weeks whose loss rises at the end, with labels that are two days late. */
export const drawnPerformance = (): PerformanceReport => {
  const draw = drawsOf(9);
  const estimate = (value: number, width: number) => ({
    ...around(value, width),
    standardError: width / 4,
    samplingLower: value - width / 2,
    samplingUpper: value + width / 2,
  });
  const estimates = { logLoss: estimate(0.51, 0.05), auc: estimate(0.69, 0.05) };
  const days = Array.from({ length: DRIFT_DAYS }, (_, at): DayPerformance => {
    const mature = at < DRIFT_DAYS - IMMATURE_DAYS;
    const loss = 0.5 + 0.02 * draw() + (at > 14 ? 0.012 * (at - 14) : 0);
    const labelledCount = mature ? 298 : Math.max(0, 100 * (DRIFT_DAYS - 1 - at));
    return {
      day: utcDay(DRIFT_FIRST_MS + at * DAY_MS),
      rowCount: 300,
      labelledCount,
      completeness: mature ? 0.99 : labelledCount / 300,
      mature,
      measured: labelledCount === 0 ? {} : { logLoss: around(loss, 0.03), auc: around(1.2 - loss, 0.04) },
      estimated: { version: 3, rowCount: 300, reconciledCount: 22, metrics: estimates },
      versions: [{ version: 3, rowCount: 300, loss }],
      kpis: servedBy(at).map((version) => ({
        ...REVENUE,
        version,
        rowCount: labelledCount,
        value: around(11 + 0.6 * version + draw(), 0.5),
      })),
    };
  });
  const metrics = { logLoss: around(0.545, 0.02), auc: around(0.66, 0.02), calibrationError: around(0.03, 0.01) };
  return {
    schemaVersion: 1,
    model: 'toy',
    task: 'binary-classification',
    version: 3,
    day: days.at(-1)?.day ?? '',
    checkedAt: '2026-11-22T06:00:00.000Z',
    status: 'degraded',
    reason: 'log loss 0.545 (0.525 to 0.565) is above the limit 0.52',
    labels: {
      delay: {
        predictionCount: 6_300,
        labelledCount: 5_600,
        curve: [
          { ageHours: 12, share: 0.4 },
          { ageHours: 48, share: 0.97 },
        ],
        everShare: 0.99,
        matureAfterHours: 48,
        matureShare: 0.95,
      },
      repeatedCount: 12,
      correctionCount: 3,
      corrections: [],
      pendingCount: 4,
      orphanCount: 1,
      orphanAfterHours: 72,
      tooLateCount: 0,
      horizonDays: 30,
      sampledShare: 1,
    },
    window: {
      fromDay: days[11]?.day ?? '',
      throughDay: days[17]?.day ?? '',
      rowCount: 2_100,
      labelledCount: 2_086,
      completeness: 0.99,
    },
    quality: [
      { slice: 'all', rowCount: 2_086, dayCount: 7, intervalBy: 'rows', metrics },
      { slice: 'all', version: 3, rowCount: 2_086, dayCount: 7, intervalBy: 'rows', metrics },
      { slice: 'origin <ORD>', rowCount: 402, dayCount: 7, intervalBy: 'rows', metrics },
    ],
    estimated: {
      method: 'CBPE',
      calibratedOn: 'hold-out',
      day: days.at(-1)?.day ?? '',
      rowCount: 300,
      metrics: estimates,
      reconciledCount: 22,
      fewestReconciled: 20,
    },
    fairness: {
      threshold: 0.5,
      fewestRows: 30,
      intervalBy: 'rows',
      summaries: [{ by: 'origin', demographicParity: { difference: around(0.1, 0.03), ratio: around(0.6, 0.1) } }],
      rows: [
        {
          by: 'origin',
          metric: 'selection rate',
          overall: around(0.2, 0.01),
          groups: [
            { group: 'ORD', rowCount: 400, value: around(0.15, 0.02) },
            { group: 'LAX', rowCount: 500, value: around(0.25, 0.02) },
          ],
          difference: around(0.1, 0.03),
          ratio: around(0.6, 0.1),
        },
      ],
    },
    kpis: [{ ...REVENUE, version: 3, rowCount: 2_000, value: around(12.1, 0.4) }],
    limits: [
      {
        metric: 'logLoss',
        slice: 'all',
        source: 'declared',
        worse: 'above',
        limit: 0.52,
        value: around(0.545, 0.02),
        crossed: true,
        since: '2026-11-17',
        message: 'log loss is above 0.52',
      },
    ],
    days,
  };
};
