import { toyModel } from '../../../toy-model.ts';

/**
 * Trained by a schedule and by its drift alarm, approved by policy. The cool-down of 13 hours is over when the drift
 * check of the next morning looks, and the look at the end of the alarm's own lies beyond the run.
 */
export default toyModel('rill', { retraining: { schedule: 'cron(0 16 9 1 ? 2001)', coolDownDays: 0.55 } });
