import { describe, expect, it } from 'vitest';
import { benchDefinition } from '../../../helpers/training-bench.ts';

type Deployment = NonNullable<Parameters<typeof benchDefinition>[0]>['deployment'];
const define = (deployment: object) =>
  benchDefinition({ deployment: deployment as NonNullable<Deployment> }).deployment;

describe('deployment.replay', () => {
  it('asks the newest thousand inputs and refuses failures alone, where nothing is declared', () => {
    expect(define({}).replay).toEqual({ rows: 1_000, maxFailureShare: 0 });
    expect(define({ target: 'ecs', replay: { rows: 0 } }).replay).toMatchObject({ rows: 0 });
  });

  it.each([
    [{ rows: 20_001 }, 'deployment.replay.rows must be'],
    [{ maxSlowdown: 0.9 }, 'deployment.replay.maxSlowdown must be 1 or more, got 0.9'],
    [{ maxMeanShift: 0 }, 'deployment.replay.maxMeanShift must be above 0, got 0'],
    [{ maxMeanshift: 1 }, 'deployment.replay: unknown key "maxMeanshift"'],
  ])('is refused as %j', (replay, message) => {
    expect(() => define({ replay })).toThrow(message);
  });
});
