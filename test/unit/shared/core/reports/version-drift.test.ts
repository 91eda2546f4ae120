import { describe, expect, it } from 'vitest';
import { renderVersionDrift } from '../../../../../shared/core/reports/index.ts';

describe('the table of PSI by version', () => {
  it('tells the predictions and the farthest features of each, and of which too few came', () => {
    const html = renderVersionDrift([
      { version: 7, rowCount: 12_480, psi: { x: 0.01, '<y>': 0.4, z: 0.2, w: 0.3, '@prediction': 0.25 } },
      { version: 8, rowCount: 90 },
    ]).join('\n');

    expect(html).toMatch(/>7<\/th>.*>12,480<\/td>.*>0\.25<\/td>.*>&lt;y&gt; 0\.4, w 0\.3, z 0\.2<\/td>/s);
    expect(html).toMatch(/>8<\/th>.*>90<\/td>.*>too few to compare<\/td>/s);
  });

  it('is not there where one version answered, nor of reports from before', () => {
    expect(renderVersionDrift([])).toEqual([]);
    expect(renderVersionDrift(undefined)).toEqual([]);
  });
});
