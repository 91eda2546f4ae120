import { describe, expect, it } from 'vitest';
import { trainerJobOf } from '../../../../functions/build-features/trainer-job.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const IMAGE = `repo/image@sha256:${'0'.repeat(64)}`;
const FEATURES = '[{"name":"x","type":"number"},{"name":"kind","type":"category"}]';

describe('the trainer’s job', () => {
  it('waits twice as long as it runs on spot, and as long as it runs otherwise', () => {
    const trainer = { kind: 'sagemaker', image: IMAGE, instanceType: 'ml.g5.xlarge', maxRuntimeMinutes: 10 } as const;

    const spot = trainerJobOf(benchDefinition({ trainer }));
    const onDemand = trainerJobOf(benchDefinition({ trainer: { ...trainer, spot: false } }));

    expect(spot).toMatchObject({
      spot: true,
      stoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 1_200 },
      hyperparameters: { features: FEATURES, task: 'binary-classification', label: 'label' },
    });
    expect(onDemand).toMatchObject({ spot: false, stoppingCondition: { MaxRuntimeInSeconds: 600 } });
    expect(onDemand).not.toHaveProperty('stoppingCondition.MaxWaitTimeInSeconds');
  });

  it('gives a Batch job its hyperparameters and time for every attempt', () => {
    const trainer = { kind: 'batch', image: IMAGE, maxRuntimeMinutes: 10, hyperparameters: { epochs: '3' } } as const;

    expect(trainerJobOf(benchDefinition({ trainer }))).toEqual({
      kind: 'batch',
      maxRuntimeSeconds: 600,
      timeoutSeconds: 3 * 600 + 3_600,
      hyperparameters: { epochs: '3', features: FEATURES, task: 'binary-classification', label: 'label' },
    });
  });

  it('refuses a hyperparameter whose name is the platform’s', () => {
    const trainer = { kind: 'batch', image: IMAGE, hyperparameters: { rounds: '3' } } as const;

    expect(() => trainerJobOf(benchDefinition({ trainer }))).toThrow('hyperparameters rounds are set by the platform');
  });

  it('refuses a list of features that a job cannot take', () => {
    const features = Array.from({ length: 100 }, (_, i) => ({ name: `feature_${i}`, type: 'number' as const }));
    const trainer = { kind: 'batch', image: IMAGE } as const;

    expect(() => trainerJobOf(benchDefinition({ trainer, features }))).toThrow(/features has \d+ characters/);
  });
});
