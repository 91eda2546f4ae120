import { describe, expect, it } from 'vitest';
import { modelPage, renderModelPage } from '../../../../../shared/core/pages/index.ts';
import { renderSlices, sliceTable } from '../../../../../shared/core/pages/slice-table.ts';
import { kpiDays, renderKpiDays } from '../../../../../shared/core/reports/index.ts';
import { drawnModelFacts } from '../../../../browser/drawn-model.ts';
import { drawnPerformance } from '../../../../browser/drawn-performance.ts';

const kpi = (version: number, value: number, name = 'refund') => ({
  ...{ name, unit: '$', aggregate: 'sum' as const, version, rowCount: 1_200 },
  value: { value, lower: value - 1, upper: value + 1 },
});

const DAYS = [
  { day: '2001-02-01', mature: true, kpis: [kpi(1, 10)] },
  { day: '2001-02-02', mature: true, kpis: [kpi(2, 12), kpi(1, 11)] },
  { day: '2001-02-03', mature: true },
  { day: '2001-02-04', mature: true, kpis: [kpi(2, 13)] },
  { day: '2001-02-05', mature: false, kpis: [kpi(2, 3)] },
];

const linesOf = (html: string): readonly number[] =>
  [...html.matchAll(/<polyline[^>]* points="([^"]*)"/g)].map(([, points = '']) => points.split(' ').length);

describe('business figures by day', () => {
  it('are one line a version, of the days whose labels are in', () => {
    const html = renderKpiDays(kpiDays(DAYS));

    expect(linesOf(html)).toEqual([2, 2]);
    expect(html).toContain('■ version 2');
    expect(html).toContain('refund ($), sum of the day');
    expect(html).toContain('Version 2 on 2 days, on 2001-02-04 13 (12 to 14). Version 1 on 2 days, on 2001-02-02 11');
  });

  it('are told in numbers too, with the days whose labels are still coming', () => {
    const html = renderKpiDays(kpiDays(DAYS));

    expect(html).toContain('<summary>refund ($) in numbers</summary>');
    expect([...html.matchAll(/<tr><th scope="row"[^>]*>([\d-]+)</g)].map(([, day]) => day)).toEqual([
      '2001-02-05',
      '2001-02-04',
      '2001-02-02',
      '2001-02-02',
      '2001-02-01',
    ]);
    expect(html).toContain('1,200, not mature');
  });

  it('are a chart each, and of many versions the newest three are drawn', () => {
    const days = [1, 2, 3, 4].map((version) => ({
      day: `2001-02-0${version}`,
      mature: true,
      kpis: [kpi(version, version), kpi(version, version, 'calls')],
    }));
    const html = renderKpiDays(kpiDays(days));

    expect(kpiDays(days).map(({ name }) => name)).toEqual(['refund ($)', 'calls ($)']);
    expect(linesOf(html)).toHaveLength(6);
    expect(html).toContain('Drawn are the newest 3 of 4 versions');
    expect(html).not.toContain('■ version 1');
  });

  it('are not drawn before a day is mature, and are none where no label brought one', () => {
    const early = renderKpiDays(kpiDays(DAYS.slice(-1)));

    expect(early).toContain('No day is mature yet.');
    expect(early).not.toContain('<svg');
    expect(kpiDays([{ day: '2001-02-01', mature: true }])).toEqual([]);
  });
});

describe('the page of a model', () => {
  it('draws business figures beside their table', () => {
    const html = renderModelPage(modelPage(drawnModelFacts()), 'api');

    expect(html).toContain('<title>revenue &lt;net&gt; (€) by day and version</title>');
    expect(html).toContain('aria-label="Business figures by version"');
    expect(html).toContain('group-difference, demographicParity, by origin');
  });

  it('draws none of data that an earlier release sent, and shows their table', () => {
    const { kpiDays: _, ...earlier } = sliceTable(drawnPerformance()) ?? { window: '', metrics: [], rows: [] };
    const html = renderSlices({ groups: [], kpis: [], ...earlier });

    expect(html).toContain('aria-label="Business figures by version"');
    expect(html).not.toContain('by day and version');
  });
});
