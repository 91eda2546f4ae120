import { toyModel } from '../../../toy-model.ts';

/** Waits for a person: its versions are uploaded, approved, rejected, rolled back. Paired scoring may end its canaries. */
export default toyModel('weir', {
  approval: 'manual',
  deployment: {
    canarySteps: [0.5, 1],
    bakeMinutes: 30,
    shadow: { labelDelayDays: 0, minRows: 3, decide: 'gate' },
  },
});
