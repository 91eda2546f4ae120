import { describe, expect, it } from 'vitest';
import { defineModel } from '../../../../shared/contracts/model-definition.ts';
import { entityDefinition } from '../../../helpers/entity-bench.ts';

const { data, featureViews = [], ...rest } = entityDefinition();
const [kind] = featureViews as [(typeof featureViews)[number]];

const refusal = (change: {
  readonly view?: object;
  readonly data?: object;
  readonly views?: readonly object[];
}): string => {
  const views = change.views ?? [{ ...kind, ...change.view }];
  try {
    defineModel({ ...rest, data: { ...data, ...change.data }, featureViews: views } as Parameters<
      typeof defineModel
    >[0]);
  } catch (error) {
    return (error as Error).message
      .replace('model definition "toy" is invalid: ', '')
      .replace('the definition has a fault: ', '');
  }
  return 'accepted';
};

const feature = (expression: unknown) => ({ data: { requestFeatures: [{ name: 'hour', expression }] } });

describe('feature views and request features of a definition', () => {
  it('pass when they fit each other', () => {
    expect(refusal({})).toBe('accepted');
  });

  it.each([
    [{ view: { ttlMinutes: 0 } }, 'featureViews.0.ttlMinutes must be at least 1, got 0'],
    [{ view: { sql: 'SELECT 1' } }, 'featureViews.0.sql must use :as_of_ms, got "SELECT 1"'],
    [{ view: { features: ['y'] } }, 'featureViews: kind: "y" is not among the features'],
    [{ view: { features: [], attributes: [] } }, 'featureViews: kind must hold a feature or an attribute'],
    [
      { view: { onMissing: 'null' } },
      'featureViews: kind: onMissing must give kind_rows a value, which is not nullable',
    ],
    [
      { view: { onMissing: { kind_rows: 'none' } } },
      'featureViews: kind: onMissing must give kind_rows a number, got "none"',
    ],
    [{ view: { onMissing: { x: 1 } } }, 'featureViews: kind: onMissing names "x", which the view does not hold'],
    [{ views: [kind, { ...kind, name: 'twin' }] }, 'featureViews and data.requestFeatures must give late_share once'],
    [feature('y'), 'data.requestFeatures: hour uses y, which is not among at, x, late_share, kind_rows, zone'],
    [feature({ op: 'hour', of: ['at'] }), 'data.requestFeatures: hour gives hour 1 values, it takes 2'],
    [
      feature({ op: 'hour', of: ['x', 'zone'] }),
      'data.requestFeatures: hour gives hour a number as value 1, it takes a timestamp',
    ],
    [
      feature({ op: 'add', of: ['zone', 1] }),
      'data.requestFeatures: hour gives add a category as value 1, it takes a number',
    ],
    [feature('zone'), 'data.requestFeatures: hour is a category, the feature a number'],
    [
      { data: { requestFeatures: [{ name: 'y', expression: 'x' }] } },
      'data.requestFeatures must be among the features, got "y"',
    ],
  ])('with %j are refused by name', (change, message) => {
    expect(refusal(change)).toBe(message);
  });
});
