import { toyModel } from '../../../toy-model.ts';

/** A plan divides its requests by what kind they are of; waits for a person. */
export default toyModel('eddy', {
  approval: 'manual',
  deployment: {
    canarySteps: [0.5, 1],
    bakeMinutes: 30,
    router: 'exact',
    routing: { unit: { feature: 'kind' } },
  },
});
