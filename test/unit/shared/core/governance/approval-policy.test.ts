import { describe, expect, it } from 'vitest';
import { defineModel } from '../../../../../shared/contracts/model-definition.ts';
import {
  approvalPolicyOf,
  matchesPrincipal,
  submitterOf,
} from '../../../../../shared/core/governance/approval-policy.ts';
import { fc } from '../../../../helpers/properties.ts';
import { benchDefinition } from '../../../../helpers/training-bench.ts';

const settingOf = (approval: unknown) => benchDefinition({ approval } as never).approval;

describe('an approval policy', () => {
  it('keeps submitter and approver apart where a person decides, unless it says otherwise', () => {
    expect(approvalPolicyOf('manual')).toMatchObject({ mode: 'manual', minApprovals: 1, distinctFromSubmitter: true });
    expect(approvalPolicyOf(settingOf({ mode: 'manual' }))).toMatchObject({ distinctFromSubmitter: true });
    expect(approvalPolicyOf(settingOf({ mode: 'manual', distinctFromSubmitter: false }))).toMatchObject({
      distinctFromSubmitter: false,
    });
    expect(approvalPolicyOf(undefined)).toEqual(approvalPolicyOf('manual'));
  });

  it('leaves a word in a definition as it was written', () => {
    expect([settingOf('manual'), settingOf('automatic'), settingOf(undefined)]).toEqual([
      'manual',
      'automatic',
      'automatic',
    ]);
  });

  it.each([
    ['maunal', /approval must be .*automatic.*manual.*got "maunal"/],
    [{ mode: 'automatic', minApprovals: 2 }, /unknown key "minApprovals"; allowed: mode, requires/],
    [{ mode: 'manual', minApprovals: 0 }, /minApprovals must be at least 1, got 0/],
    [{ mode: 'manual', approvers: [] }, /approvers must have a length of at least 1/],
    [{ mode: 'manual', requires: { gate: 'failed' } }, /gate must be "passed", got "failed"/],
    [{ mode: 'manual', requires: { cards: true } }, /unknown key "cards"; allowed: gate/],
    [{ mode: 'nobody' }, /approval.mode must be/],
    [null, /approval must be/],
  ])('refuses %j', (approval, message) => {
    expect(() => defineModel({ ...benchDefinition(), approval } as never)).toThrow(message);
  });
});

describe('the submitter of a version', () => {
  const call = { cause: { kind: 'call', principal: 'ann', requestId: 'r' } };

  it.each([
    ['who called for its training', {}, call, 'ann'],
    ['the workflow that trained it on a schedule', {}, { cause: { kind: 'schedule' } }, 'workflow:train-toy'],
    ['the workflow when its run is not on record', {}, undefined, 'workflow:train-toy'],
    ['the stage that it was promoted from', { origin: { stage: 'dev', version: 3 } }, undefined, 'promotion:dev'],
    ['who brought it', { submittedBy: 'bob' }, call, 'bob'],
  ])('is %s', (_who, version, run, submitter) => {
    expect(submitterOf({ model: 'toy', ...version }, run)).toBe(submitter);
  });
});

describe('a pattern of principals', () => {
  it.each([
    ['arn:aws:sts::*:assumed-role/Reviewer/*', 'arn:aws:sts::1:assumed-role/Reviewer/ann', true],
    ['arn:aws:sts::*:assumed-role/Reviewer/*', 'arn:aws:sts::1:assumed-role/Trainer/ann', false],
    ['ann', 'ann', true],
    ['ann', 'anna', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a.c', 'abc', false],
    ['*ab*ab', 'ab', false],
    ['*ab*ab', 'xabyab', true],
  ])('%s over %s: %s', (pattern, principal, expected) => {
    expect(matchesPrincipal(pattern, principal)).toBe(expected);
  });

  it('means what the same regular expression means', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(texts, texts, (pattern, text) => {
        const principal = text.replaceAll('*', 'c');
        const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(principal);
        expect(matchesPrincipal(pattern, principal)).toBe(expected);
      }),
    );
  });

  it('is matched in linear time', () => {
    expect(matchesPrincipal('*a'.repeat(100), 'a'.repeat(99).concat('b'.repeat(50_000)))).toBe(false);
  });
});
