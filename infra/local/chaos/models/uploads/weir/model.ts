import { toyModel } from '../../../toy-model.ts';

/** Waits for a person: its versions are uploaded, approved, rejected, rolled back. Paired scoring may end its canaries. */
export default toyModel('weir', {
  approval: 'manual',
  monitors: {
    windowDays: 1,
    minRows: 30,
    alarmAfterChecks: 1,
    // Labels that come at all find it degraded.
    performance: { minRows: 3, limits: [{ metric: 'logLoss', above: 0.001 }] },
  },
  deployment: {
    canarySteps: [0.5, 1],
    bakeMinutes: 30,
    shadow: { labelDelayDays: 0, minRows: 3, decide: 'gate' },
  },
});
