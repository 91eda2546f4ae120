import { expect, it } from 'vitest';
import { approvalPolicyOf, requirePromoter } from '../../../../../shared/core/governance/index.ts';

const ROLLOUT = { model: 'toy', rolloutId: 'r-1', kind: 'model' } as const;
const rules = { mode: 'manual', minApprovals: 2, distinctFromSubmitter: true, requires: {} } as const;
const who = (principal: string, submitter = 'bob') => ({ principal, submitter });

it('lets whoever may approve a version promote its canary, and nobody else', () => {
  const policy = approvalPolicyOf({ ...rules, approvers: ['arn:*:role/release-*'] });

  expect(() => requirePromoter(ROLLOUT, policy, who('arn:aws:role/release-ann'))).not.toThrow();
  expect(() => requirePromoter(ROLLOUT, policy, who('arn:aws:role/dev-cid'))).toThrow(
    'rollout r-1 of toy may not be promoted: rule approvers: arn:aws:role/dev-cid must be one of arn:*:role/release-*',
  );
});

it('lets nobody promote what they submitted, but anybody new code', () => {
  const policy = approvalPolicyOf('manual');

  expect(() => requirePromoter(ROLLOUT, policy, who('bob'))).toThrow('rule distinctFromSubmitter');
  expect(() => requirePromoter({ ...ROLLOUT, kind: 'code' }, policy, who('bob'))).not.toThrow();
  expect(() => requirePromoter(ROLLOUT, approvalPolicyOf('automatic'), who('bob'))).not.toThrow();
});
