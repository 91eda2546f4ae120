import { expect, it } from 'vitest';
import { qualityOverTime } from '../../../../../shared/core/pages/quality-over-time.ts';
import { renderQuality } from '../../../../../shared/core/pages/render-quality.ts';
import { drawnPerformance } from '../../../../browser/drawn-performance.ts';

it('has a key where there is a chart, and a sentence where there is none', () => {
  const drawn = drawnPerformance();

  expect(renderQuality(qualityOverTime(drawn))).toContain('measured, labels mature');
  const empty = renderQuality(qualityOverTime({ ...drawn, days: [] }));
  expect(empty).not.toContain('measured, labels mature');
  expect(empty).toContain('No day has labels or an estimate yet, so there is nothing to draw.');
});
