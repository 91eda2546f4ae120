import { describe, expect, it } from 'vitest';
import { driftHeatMap } from '../../../../../shared/core/pages/drift-heat-map.ts';
import { renderHeatMap } from '../../../../../shared/core/pages/render-heat-map.ts';

const day = (name: string, values: Readonly<Record<string, number | undefined>>) => ({
  day: name,
  columns: Object.entries(values).map(([column, value]) => ({ name: column, value })),
});

const mapOf = (...days: readonly ReturnType<typeof day>[]) => driftHeatMap(days, { measure: 'PSI', notable: 0.2 });

describe('the heat map', () => {
  it('has the days in order and the features that are farthest now first', () => {
    const map = mapOf(
      day('2026-11-02', { hour: 0.01, wind: 0.3 }),
      day('2026-11-01', { wind: 0.1, distance: 0.9 }),
      day('2026-11-05', { wind: 0.2, hour: 0.4 }),
      day('2026-11-04', { wind: 0.1, hour: 0.1 }),
    );

    expect(map.days).toEqual(['2026-11-01', '2026-11-02', '2026-11-04', '2026-11-05']);
    // The distance of the first day is history.
    expect(map.rows).toEqual([
      { name: 'hour', values: [undefined, 0.01, 0.1, 0.4] },
      { name: 'wind', values: [0.1, 0.3, 0.1, 0.2] },
      { name: 'distance', values: [0.9, undefined, undefined, undefined] },
    ]);
  });

  it.each([
    [0.049, 'h0', ''],
    [0.05, 'h1', ''],
    [0.1, 'h2', ''],
    [0.2, 'h3', '•'],
    [0.4, 'h4', '••'],
    [0.8, 'h5', '•••'],
  ])('shows %d by a colour of its own, and from the limit on by dots too', (value, level, dots) => {
    expect(renderHeatMap(mapOf(day('2026-11-01', { wind: value })))).toContain(
      `<td class="${level}" aria-label="${value}">${dots}</td>`,
    );
  });

  it('tells what was not compared from what did not move', () => {
    const html = renderHeatMap(
      mapOf(day('2026-11-01', { wind: 0, gust: undefined }), day('2026-11-02', { wind: Number.NaN })),
    );

    expect(html.match(/aria-label="not compared"/g)).toHaveLength(3);
    expect(html).toContain('<td class="h0" aria-label="0"></td>');
  });

  it('has the same numbers in a table', () => {
    const html = renderHeatMap(mapOf(day('2026-11-01', { wind: 0.123 })));

    expect(html).toMatch(/<details><summary>The numbers[\s\S]*<td class="n">0\.123<\/td>/);
  });
});
