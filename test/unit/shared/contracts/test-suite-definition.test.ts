import { describe, expect, it } from 'vitest';
import type { ModelDefinitionInput } from '../../../../shared/contracts/model-definition.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

type Tests = NonNullable<NonNullable<ModelDefinitionInput['monitors']>['tests']>;
type Notifications = NonNullable<ModelDefinitionInput['notifications']>;

const withTests = (...tests: readonly object[]) => benchDefinition({ monitors: { tests: [...tests] as Tests } });
const withTargets = (...targets: readonly object[]) =>
  benchDefinition({ notifications: [...targets] as Notifications });

describe('declared tests', () => {
  it('are medium and ask for no training unless they say so', () => {
    expect(withTests({ check: 'missing-share', column: 'x', atMost: 0.1 }).monitors.tests).toEqual([
      { check: 'missing-share', column: 'x', atMost: 0.1, severity: 'medium', retrain: false },
    ]);
  });

  it.each([
    [
      { check: 'mising-share' },
      /must be one of drifted-feature-share,feature-drift,.*,error-share, got "mising-share"/,
    ],
    [{ check: 'skew', bellow: 1 }, /unknown key "bellow"; allowed: check, column, by, slice, metric, below/],
    [{ check: 'row-count', column: 'x' }, /must have a column only where check is one of feature-drift/],
    [{ check: 'feature-drift', atMost: 1 }, /must have a column where check is feature-drift/],
    [{ check: 'skew', below: 1, atMost: 1 }, /must have one of below and atMost/],
    [{ check: 'skew', above: 2, below: 1 }, /must have a lower bound up to its upper bound, got 2 and 1/],
    [{ check: 'skew', between: [2, 1] }, /must be a low number and one that is no lower/],
    [{ check: 'skew', off: true, atMost: 1 }, /must have no atMost beside off/],
    [{ check: 'quality', metric: 'logloss' }, /must be one of auc, logLoss/],
    [
      { check: 'missing-share', column: 'y' },
      /missing-share is of y, which is no feature of the model; its features: x, kind/,
    ],
    [{ check: 'new-category-share', column: 'x' }, /new-category-share is of x, which is a number/],
    [{ check: 'out-of-range-share', column: 'kind' }, /out-of-range-share is of kind, which is a category/],
    [{ check: 'quality', by: 'kind' }, /must have by only where check is one of group-difference, got quality/],
    [{ check: 'quality', metric: 'equalizedOdds' }, /must have as metric of quality one of auc, .*, got equalizedOdds/],
    [{ check: 'group-difference', by: 'kind' }, /must have by and metric where check is group-difference/],
    [
      { check: 'group-difference', by: 'kind', metric: 'auc' },
      /must have as metric of group-difference one of demographicParity, .*, got auc/,
    ],
    [
      { check: 'group-difference', by: 'kind', metric: 'accuracy' },
      /group-difference is by kind, which is no name of monitors.performance.fairness; its names: none/,
    ],
  ])('refuse %j', (test, message) => {
    expect(() => withTests(test)).toThrow(message);
  });

  it('hold declared groups to metrics that the task has', () => {
    const withGroups = (by: string, metric: string) =>
      benchDefinition({
        monitors: {
          performance: { fairness: { by: [{ name: 'kinds', feature: 'kind' }] } },
          tests: [{ check: 'group-difference', by, metric, atMost: 0.2 }] as Tests,
        },
      }).monitors.tests;

    expect(withGroups('kinds', 'accuracy')).toEqual([
      { check: 'group-difference', by: 'kinds', metric: 'accuracy', atMost: 0.2, severity: 'medium', retrain: false },
    ]);
    expect(() => withGroups('kind', 'accuracy')).toThrow('is by kind, which is no name of');
    expect(() => withGroups('kinds', 'meanPrediction')).toThrow('of meanPrediction is not of a binary-classification');
  });

  it('are each of something else', () => {
    expect(() => withTests({ check: 'skew', atMost: 1 }, { check: 'skew', atMost: 2 })).toThrow(
      'must not test the same twice',
    );
  });
});

describe('declared notifications', () => {
  it('hear of everything that is not of low severity', () => {
    expect(withTargets({ to: 'email', target: 'a@example.com' }).notifications).toEqual([
      { to: 'email', target: 'a@example.com', minSeverity: 'medium' },
    ]);
  });

  it.each([
    [{ to: 'email', target: 'nobody' }, /must be an e-mail address/],
    [{ to: 'sns', target: 'topic' }, /must be the ARN of an SNS topic/],
    [{ to: 'webhook', target: 'ftp://x' }, /must be an https URL/],
    [{ to: 'email', target: 'a@example.com', events: ['drifts'] }, /must be one of drift, quality, tests/],
  ])('refuse %j', (target, message) => {
    expect(() => withTargets(target)).toThrow(message);
  });
});
