import { describe, expect, it } from 'vitest';
import { type ApprovalPolicy, approvalPolicyOf } from '../../../../../shared/core/governance/approval-policy.ts';
import { judgeApproval } from '../../../../../shared/core/governance/judge-approval.ts';

const VERSION = { model: 'toy', version: 1 };
const by = (principal: string, atMs = 5) => ({ principal, atMs });
const policy = (change: Partial<ApprovalPolicy> = {}): ApprovalPolicy => ({ ...approvalPolicyOf('manual'), ...change });
const facts = { submitter: 'ann' };

describe('an approval', () => {
  it('of another than the submitter approves, with every rule on record', () => {
    const outcome = judgeApproval(VERSION, by('bob'), policy(), facts);

    expect(outcome).toEqual({
      status: 'APPROVED',
      approvals: [by('bob')],
      evidence: [
        { rule: 'distinctFromSubmitter', passed: true, detail: 'bob approves what ann submitted' },
        { rule: 'minApprovals', passed: true, detail: '1 of 1 approvals: bob' },
      ],
    });
  });

  it.each([
    ['of the submitter', 'ann', {}, facts, /toy@1 may not be approved: rule distinctFromSubmitter: ann approves/],
    [
      'of one who is no approver',
      'bob',
      { approvers: ['c*', 'd'] },
      facts,
      /rule approvers: bob must be one of c\*, d/,
    ],
    [
      'of a version without an evaluation',
      'bob',
      { requires: { gate: 'passed' } },
      facts,
      /rule gate: .*no evaluation/,
    ],
    [
      'of a version that failed its gate',
      'bob',
      { requires: { gate: 'passed' } },
      { ...facts, gate: { passed: false } },
      /rule gate: its quality gate was failed/,
    ],
  ] as const)('%s is refused by the name of the rule', (_whose, principal, change, known, message) => {
    expect(() => judgeApproval(VERSION, by(principal), policy(change), known)).toThrow(message);
  });

  it('names every rule that it breaks', () => {
    const rules = policy({ approvers: ['bob'] });

    expect(() => judgeApproval(VERSION, by('ann'), rules, facts)).toThrow(/approvers: .*distinctFromSubmitter: /);
  });

  it('waits for a second principal where two must approve, and counts none twice', () => {
    const two = policy({ minApprovals: 2 });

    const first = judgeApproval(VERSION, by('bob'), two, facts);
    const again = judgeApproval({ ...VERSION, approvals: first.approvals }, by('bob', 9), two, facts);
    const second = judgeApproval({ ...VERSION, approvals: first.approvals }, by('cyd', 9), two, facts);

    expect(first.status).toBe('PENDING_APPROVAL');
    expect(again).toMatchObject({ status: 'PENDING_APPROVAL', approvals: [by('bob')] });
    expect(second).toMatchObject({ status: 'APPROVED', approvals: [by('bob'), by('cyd', 9)] });
  });

  it('does not count an earlier approval that the policy of today forbids', () => {
    const two = policy({ minApprovals: 2 });

    const outcome = judgeApproval({ ...VERSION, approvals: [by('ann')] }, by('bob'), two, facts);

    expect(outcome.status).toBe('PENDING_APPROVAL');
    expect(outcome.approvals).toEqual([by('ann'), by('bob')]);
  });
});
