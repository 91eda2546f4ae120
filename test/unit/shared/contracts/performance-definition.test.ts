import { describe, expect, it } from 'vitest';
import type { ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';
import { performanceSettingsOf } from '../../../../shared/contracts/performance-definition.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

type Declared = NonNullable<NonNullable<ModelDefinitionInput['monitors']>['performance']>;
const define = (performance: Declared) => benchDefinition({ monitors: { performance } });

describe('monitors.performance', () => {
  it('is measured over 14 mature days against the hold-out where nothing is declared', () => {
    expect(performanceSettingsOf(benchDefinition())).toMatchObject({
      windowDays: 14,
      horizonDays: 7,
      matureShare: 0.95,
      orphanAfterHours: 24,
      minRows: 500,
      threshold: 0.5,
      limits: [],
      automaticLimits: true,
      slices: [],
      fairness: { by: [] },
      kpis: [],
    });
  });

  it.each<[string, Declared, string]>([
    ['a limit with both bounds', { limits: [{ metric: 'auc', above: 1, below: 0 }] }, 'one of above and below'],
    ['a limit of another task', { limits: [{ metric: 'rmse', above: 1 }] }, 'rmse, which a binary-classification does'],
    ['a limit of an unknown slice', { limits: [{ metric: 'auc', slice: 'x', below: 0.5 }] }, 'slice x, allowed: all'],
    [
      'a slice of no feature',
      { slices: [{ name: 'a', where: { feature: 'y', equals: 1 } }] },
      'slice a is of y, which is no feature',
    ],
    ['groups by a number', { fairness: { by: [{ name: 'x', feature: 'x' }] } }, 'x, which is no category'],
    [
      'groups by an unknown key',
      { fairness: { by: [{ name: 'o', entity: 'origin' }] } },
      'as there are no feature views',
    ],
    [
      'groups by both',
      { fairness: { by: [{ name: 'o', entity: 'o', feature: 'kind' }] } },
      'one of feature and entity',
    ],
    ['a quantile of a classification', { quantile: 0.9 }, 'quantile is of a regression only'],
    [
      'a KPI twice',
      {
        kpis: [
          { name: 'refund', unit: '$', aggregate: 'sum' },
          { name: 'refund', unit: '$', aggregate: 'mean' },
        ],
      },
      'must not repeat a name',
    ],
  ])('refuses %s', (_name, declared, message) => {
    expect(() => define(declared)).toThrow(message);
  });
});
