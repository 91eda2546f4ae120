import { describe, expect, it } from 'vitest';
import { checkTargetInput, renderTargetInput } from '../../../../../infra/local/events/target-input.ts';

const EVENT = {
  source: 'aws.cloudwatch',
  resources: ['arn:alarm'],
  detail: { alarmName: 'drift "daily"', state: { value: 'ALARM' }, checks: [{ psi: 0.25 }] },
};
const RULE = { ruleArn: 'arn:rule', ruleName: 'on-drift', ingestionTime: '2001-01-08T00:00:00Z' };

const transform = (inputPathsMap: Record<string, string>, inputTemplate: string): string =>
  renderTargetInput({ inputTransformer: { inputPathsMap, inputTemplate } }, EVENT, RULE);

describe('the input of a target', () => {
  it('is the whole event by default', () => {
    expect(JSON.parse(renderTargetInput({}, EVENT, RULE))).toEqual(EVENT);
  });

  it('is the part that the path names', () => {
    expect(renderTargetInput({ inputPath: '$.detail.checks[0]' }, EVENT, RULE)).toBe('{"psi":0.25}');
  });

  it('inserts values as JSON outside quotes and as escaped text inside them', () => {
    const text = transform(
      { name: '$.detail.alarmName', state: "$['detail'].state", psi: '$.detail.checks[0].psi' },
      '{"a": <name>, "b": "alarm <name> at <psi>", "c": <state>, "d": <psi>}',
    );

    expect(JSON.parse(text)).toEqual({
      a: 'drift "daily"',
      b: 'alarm drift "daily" at 0.25',
      c: { value: 'ALARM' },
      d: 0.25,
    });
  });

  it('knows the reserved variables', () => {
    const text = transform(
      {},
      '{"rule": "<aws.events.rule-name>", "event": <aws.events.event.json>, "head": <aws.events.event>}',
    );

    expect(JSON.parse(text)).toEqual({
      rule: 'on-drift',
      event: EVENT,
      head: { source: 'aws.cloudwatch', resources: ['arn:alarm'] },
    });
  });

  it('refuses a variable without a path, a filter expression and two kinds of input', () => {
    const template = { inputPathsMap: {}, inputTemplate: '"<x>"' };

    expect(() => checkTargetInput({ inputTransformer: template })).toThrow('<x>');
    expect(() => checkTargetInput({ inputPath: '$.detail[?(@.a)]' })).toThrow('not supported');
    expect(() => checkTargetInput({ inputPath: '$', input: '{}' })).toThrow('only one');
  });
});
