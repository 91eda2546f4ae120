import { describe, expect, it } from 'vitest';
import { qualityOverTime } from '../../../../../shared/core/pages/quality-over-time.ts';
import type { PerformanceReport } from '../../../../../shared/core/performance/index.ts';
import { drawnPerformance } from '../../../../browser/drawn-performance.ts';

const DRAWN = drawnPerformance();

const notesOf = (change: Partial<PerformanceReport>): string =>
  qualityOverTime({ ...DRAWN, ...change }).notes.join('\n');

describe('what is said of quality over time', () => {
  it('tells which days a limit is of: single days may lie beyond it', () => {
    const { window } = DRAWN;

    expect(notesOf({})).toContain(`Limits are held to ${window?.fromDay} to ${window?.throughDay} together`);
    expect(notesOf({ limits: [] })).not.toContain('Limits are held');
  });

  it('tells how often estimates were right, and what labels do not count', () => {
    const coverage = { logLoss: { dayCount: 30, sampling: 0.591, widened: 0.9, widenedDayCount: 10 } };
    const estimated = DRAWN.estimated && { ...DRAWN.estimated, coverage };
    const labels = { ...DRAWN.labels, tooLateCount: 3, sampledShare: 0.25 };
    const notes = notesOf({ labels, ...(estimated === undefined ? {} : { estimated }) });

    expect(notes).toContain('of sampling alone on 59.1 % of 30 days; inside the widened one on 90 % of 10.');
    expect(notes).toContain('3 came too late to count. Of the predictions 25 % are followed');
    expect(notesOf({ labels: { ...labels, tooLateCount: 0, sampledShare: 1 } })).not.toContain('too late');
  });
});
