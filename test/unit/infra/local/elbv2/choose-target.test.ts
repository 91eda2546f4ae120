import { describe, expect, it } from 'vitest';
import {
  answeringTargets,
  chooseGroup,
  matchesStatus,
  matchRule,
} from '../../../../../infra/local/elbv2/choose-target.ts';
import type { Rule, Target } from '../../../../../infra/local/elbv2/records.ts';
import { fc } from '../../../../helpers/properties.ts';

const rule = (priority: number, ...pathPatterns: string[]): Rule => ({
  arn: `rule-${priority}`,
  listenerArn: 'listener',
  priority,
  pathPatterns,
  action: { type: 'forward', groups: [] },
});

describe('a rule', () => {
  it('is the first by its number of those that match, with * for any text and ? for one character', () => {
    const rules = [rule(50, '/models/*'), rule(7, '/models/toy', '/models/toy/*'), rule(9, '/v?/x')];

    expect(matchRule(rules, '/models/toy/predict')?.priority).toBe(7);
    expect(matchRule(rules, '/models/toys/predict')?.priority).toBe(50);
    expect(matchRule(rules, '/v2/x')?.priority).toBe(9);
    expect(matchRule(rules, '/v22/x')).toBeUndefined();
    expect(matchRule(rules, '/modelsXtoy')).toBeUndefined();
  });
});

describe('weights', () => {
  it('give each group its share of all draws, and none to a weight of 0', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(weights, (given) => {
        const groups = given.map((weight, index) => ({ targetGroupArn: String(index), weight }));
        const total = given.reduce((sum, weight) => sum + weight, 0);
        const draws = Array.from({ length: total }, (_, i) => (i + 0.5) / total);
        const chosen = draws.map((draw) => chooseGroup({ type: 'forward', groups }, draw)?.targetGroupArn);
        expect(groups.map((group) => chosen.filter((one) => one === group.targetGroupArn).length)).toEqual(given);
      }),
      { numRuns: 50 },
    );
  });

  it('of 0 alone choose nobody', () => {
    const groups = [{ targetGroupArn: 'a', weight: 0 }];

    expect(chooseGroup({ type: 'forward', groups }, 0)).toBeUndefined();
  });
});

describe('targets', () => {
  const target = (id: string, state: Target['state']): Target => ({ targetGroupArn: 'g', id, port: 1, state });

  it('answer while they are healthy; when none is, the unhealthy do, but not who starts or leaves', () => {
    const unhealthy = target('b', 'unhealthy');
    const rest = [target('c', 'initial'), target('d', 'draining')];

    expect(answeringTargets([target('a', 'healthy'), unhealthy, ...rest]).map(({ id }) => id)).toEqual(['a']);
    expect(answeringTargets([unhealthy, ...rest])).toEqual([unhealthy]);
    expect(answeringTargets(rest)).toEqual([]);
  });

  it('are healthy by the statuses of the matcher', () => {
    expect([200, 204, 301, 503].map((status) => matchesStatus('200-299,301', status))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
