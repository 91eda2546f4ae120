import { toyModel } from '../../../toy-model.ts';

/**
 * Trained by a schedule and by its drift alarm, approved by policy. The cool-down of 13 hours is over when the drift
 * check of the next morning looks, and the look at the end of the alarm's own lies beyond the run. Paired scoring may end
 * its canaries. What a training is worth is counted on what was asked, and decides nothing. Its owner hears of everything.
 */
export default toyModel('rill', {
  retraining: {
    schedule: 'cron(0 16 9 1 ? 2001)',
    coolDownDays: 0.55,
    worth: { mode: 'report', usdPerLoss: 1 },
  },
  notifications: [{ to: 'email', target: 'owner@example.com', minSeverity: 'low' }],
  deployment: {
    canarySteps: [0.5, 1],
    bakeMinutes: 30,
    shadow: { labelDelayDays: 0, minRows: 3, decide: 'gate' },
  },
});
