import { describe, expect, it } from 'vitest';
import { spreadBetween } from '../../../../../shared/core/fairness/group-spread.ts';
import { measureFairness } from '../../../../../shared/core/fairness/index.ts';
import { evaluateFrames, metricFrame } from '../../../../../shared/core/fairness/metric-frame.ts';
import { areaUnderRocCurve } from '../../../../../shared/core/statistics/area-under-roc-curve.ts';
import reference from '../../../../reference/fairness/reference.json' with { type: 'json' };

const rows = {
  labels: reference.label,
  predictions: reference.chance,
  groups: reference.group,
  days: reference.days,
};
const found = measureFairness(new Map([['kind', rows]]), { threshold: 0.5, fewestRows: 1 });
const METRICS = ['selectionRate', 'truePositiveRate', 'falsePositiveRate', 'accuracy'] as const;

describe('measureFairness', () => {
  it.each(METRICS)('equals NumPy over all, by group, and between groups: %s', (name) => {
    const row = found.rows.find(({ metric }) => metric === name);

    const { overall, groups, betweenGroups } = reference.frames[name];
    expect(row?.overall.value).toBeCloseTo(overall, 12);
    expect(Object.fromEntries(row?.groups.map(({ group, value }) => [group, value.value]) ?? [])).toEqual(groups);
    expect(row?.difference.value).toBeCloseTo(betweenGroups.difference, 12);
    expect(row?.ratio?.value).toBeCloseTo(betweenGroups.ratio, 12);
  });

  it('has demographic parity and equalized odds of the same', () => {
    const [summary] = found.summaries;

    expect(summary?.demographicParity.difference.value).toBeCloseTo(reference.demographicParity.difference, 12);
    expect(summary?.demographicParity.ratio?.value).toBeCloseTo(reference.demographicParity.ratio, 12);
    expect(summary?.equalizedOdds?.difference.value).toBeCloseTo(reference.equalizedOdds.difference, 12);
    expect(summary?.equalizedOdds?.ratio?.value).toBeCloseTo(reference.equalizedOdds.ratio, 12);
  });

  it('draws whole days, and the same ones every time', () => {
    const again = measureFairness(new Map([['kind', rows]]), { threshold: 0.5, fewestRows: 1 });

    expect(found.intervalBy).toBe('days');
    expect(again).toEqual(found);
    for (const { overall } of found.rows) {
      expect(overall.lower).toBeLessThan(overall.value);
      expect(overall.upper).toBeGreaterThan(overall.value);
    }
  });

  it('has wider intervals where rows of a day are alike', () => {
    const alike = { ...rows, predictions: reference.days.map((day) => (day % 2 === 0 ? 0.9 : 0.1)) };

    const [selection] = measureFairness(new Map([['kind', alike]]), { threshold: 0.5, fewestRows: 1 }).rows;

    const ofRows = 1.96 * Math.sqrt(0.25 / reference.label.length);
    expect(selection!.overall.upper! - selection!.overall.lower!).toBeGreaterThan(3 * ofRows);
  });

  it('leaves small groups out', () => {
    const few = measureFairness(new Map([['kind', rows]]), { threshold: 0.5, fewestRows: 150 });

    expect(few.rows[0]?.groups.map(({ group }) => group)).toEqual(['a', 'b']);
  });

  it('compares means and errors of a regression', () => {
    const { rows: regression, summaries, threshold } = measureFairness(new Map([['kind', rows]]), { fewestRows: 1 });

    expect(regression.map(({ metric }) => metric)).toEqual(['meanPrediction', 'meanAbsoluteError']);
    expect([summaries, threshold]).toEqual([[], undefined]);
  });
});

describe('evaluateFrames', () => {
  it('takes any metric of a group’s rows', () => {
    const frames = evaluateFrames(rows, { auc: (labels, scores) => areaUnderRocCurve(labels, scores) });

    const frame = metricFrame(frames, 'auc');

    expect(frame?.overall.value).toBe(areaUnderRocCurve(reference.label, reference.chance));
    expect(frame?.groups).toHaveLength(3);
  });

  it('refuses unequal lengths', () => {
    expect(() => evaluateFrames({ ...rows, groups: ['a'] }, {})).toThrow('600 labels, 600 predictions, 1 groups');
  });
});

describe('spreadBetween', () => {
  it('has no ratio where there is nothing to divide by', () => {
    expect(spreadBetween([0, 0])).toEqual({ difference: 0 });
    expect(spreadBetween([])).toBeUndefined();
  });
});
