import { describe, expect, it } from 'vitest';
import { type ModelRecords, scoreModelTests } from '../../../../../shared/core/ml-test-score/index.ts';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';
import { completeRecords, SCORED_AT_MS } from '../../../../helpers/model-records.ts';

const FULL = completeRecords();
const itemOf = (change: Partial<ModelRecords>, item: string) =>
  scoreModelTests({ ...FULL, ...change }, { day: '2026-11-21', earlier: [] })
    .sections.flatMap(({ items }) => items)
    .find((one) => one.item === item);

describe('the evidence of the score', () => {
  it('names the tests and the limits that its evidence is of', () => {
    const toldOf = (item: string, change: Partial<ModelRecords> = {}) =>
      itemOf(change, item)?.evidence.map(({ what }) => what);
    const quality = (content: object) => {
      const performance = FULL.performance && {
        ...FULL.performance,
        content: { ...FULL.performance.content, ...content },
      };
      return toldOf('monitoring-7', { performance })?.[0];
    };

    expect(toldOf('monitoring-1')).toContain(
      'schema-faults passed: 1, must be at most 2; freshness-hours passed: 1, must be at most 2',
    );
    expect(toldOf('monitoring-7')).toEqual([
      'the quality in service is within its 1 limit',
      '1 limit on the quality in service, all held',
    ]);
    expect(quality({ limitCount: 0 })).toBe('the quality in service is measured, and held to no limit');
    expect(quality({ status: 'degraded', crossed: ['loss'] })).toBe(
      'the quality in service crossed its limits of loss',
    );
  });

  it('sends nobody to do by hand what the daily audit does once predictions are asked for by entity', () => {
    const audited = (atMs: number) => ({
      skew: FULL.skew && { ...FULL.skew, atMs, content: { comparedCount: 0, skewShareMax: 0 } },
    });
    const ask =
      'ask for predictions by entity ("entities" in the request): the next daily audit compares what they read';

    const item = itemOf(audited(SCORED_AT_MS - DAY_MS), 'monitoring-3');

    expect(item?.missing).toEqual([
      'the newest audit of served features compared none: data: reports/toy/skew/2026-11-21.json',
    ]);
    expect(item?.next).toEqual({ action: ask, effort: 'command', points: 0.5 });
    expect(item?.ways.find(({ points }) => points === 1)).toEqual({ action: ask, effort: 'command', points: 1 });
    expect(itemOf(audited(SCORED_AT_MS - 5 * DAY_MS), 'monitoring-3')?.missing).toContain(
      'the newest audit of served features is 5 days old: data: reports/toy/skew/2026-11-21.json',
    );
    expect(itemOf({ skew: undefined }, 'monitoring-3')?.next?.action).toBe(ask);
  });
});
