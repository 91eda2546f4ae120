import { describe, expect, it } from 'vitest';
import { benchDefinition } from '../../../helpers/training-bench.ts';

type Deployment = NonNullable<Parameters<typeof benchDefinition>[0]>['deployment'];
const define = (deployment: object) =>
  benchDefinition({ deployment: deployment as NonNullable<Deployment> }).deployment;

describe('deployment.shadow', () => {
  it('is not done where it is not declared, and only reports where it does not say otherwise', () => {
    expect(define({}).shadow).toBeUndefined();
    expect(define({ shadow: { labelDelayDays: 3 } }).shadow).toEqual({
      labelDelayDays: 3,
      days: 28,
      minRows: 100,
      decide: 'report',
    });
  });

  it.each([
    [{}, 'deployment.shadow.labelDelayDays is missing'],
    [{ labelDelayDays: 1, days: 7 }, 'deployment.shadow.days must be 8 or more: fewer days decide nothing, got 7'],
    [{ labelDelayDays: 1, decide: 'gates' }, 'deployment.shadow.decide must be one of "report" | "gate", got "gates"'],
    [
      { labelDelayDays: 1, loss: 'brier' },
      'deployment.shadow: unknown key "loss"; allowed: labelDelayDays, days, minRows, decide',
    ],
  ])('is refused as %j', (shadow, message) => {
    expect(() => define({ shadow })).toThrow(message);
  });
});
