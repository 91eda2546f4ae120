import { expect, it } from 'vitest';
import { causeText } from '../../../../../shared/core/pages/retraining-story.ts';

it('names the alarm that a training followed, not its datapoints, and of other causes the reason', () => {
  const reason = 'Threshold Crossed: 2 out of the last 2 datapoints';

  expect(causeText({ kind: 'alarm', alarmName: 'millrace-local-toy-drift', reason })).toBe(
    'alarm: millrace-local-toy-drift',
  );
  expect(causeText({ kind: 'call', principal: 'ann', reason: 'new labels' })).toBe('call: new labels');
  expect(causeText({ kind: 'schedule', scheduledAt: '2001-03-01T07:00:00Z' })).toBe('schedule: 2001-03-01T07:00:00Z');
  expect(causeText({})).toBe('not on record');
});
