import { ForbiddenError } from '../../kernel/errors.ts';
import type { Approval, PackagedVersion, RuleResult } from '../registry/index.ts';
import { type ApprovalPolicy, type ApprovalRequirements, matchesPrincipal } from './approval-policy.ts';

/** What was found about a version, for the rules that ask for it. */
export interface ApprovalFacts {
  readonly submitter: string;
  /** What its evaluation says; absent where it has none, or the policy does not ask. */
  readonly gate?: { readonly passed: boolean };
}

export interface ApprovalOutcome {
  readonly status: 'PENDING_APPROVAL' | 'APPROVED';
  /** One per principal, in the order in which they came. */
  readonly approvals: readonly Approval[];
  readonly evidence: readonly RuleResult[];
}

const gateRule = (gate: ApprovalFacts['gate']): RuleResult => {
  const rule = 'gate';
  if (gate === undefined) return { rule, passed: false, detail: 'the version has no evaluation' };
  return { rule, passed: gate.passed, detail: `its quality gate was ${gate.passed ? 'passed' : 'failed'}` };
};

/** The rules about the version itself. */
export const judgeRequirements = (
  requires: ApprovalRequirements,
  facts: Pick<ApprovalFacts, 'gate'>,
): readonly RuleResult[] => (requires.gate === undefined ? [] : [gateRule(facts.gate)]);

/** The rules about one who approves. */
export const judgePrincipal = (
  { approvers, distinctFromSubmitter }: ApprovalPolicy,
  submitter: string,
  principal: string,
): readonly RuleResult[] => [
  ...(approvers === undefined
    ? []
    : [
        {
          rule: 'approvers',
          passed: approvers.some((pattern) => matchesPrincipal(pattern, principal)),
          detail: `${principal} must be one of ${approvers.join(', ')}`,
        },
      ]),
  ...(distinctFromSubmitter
    ? [
        {
          rule: 'distinctFromSubmitter',
          passed: principal !== submitter,
          detail: `${principal} approves what ${submitter} submitted`,
        },
      ]
    : []),
];

const holds = (results: readonly RuleResult[]): boolean => results.every(({ passed }) => passed);

/**
 * Adds a principal's approval to a pending version and says whether it is approved by that. A second approval of one
 * principal counts once. Earlier approvals are judged by the policy of today: one that it no longer allows stands on
 * record and does not count.
 * @throws ForbiddenError that names each rule which forbids it.
 */
export const judgeApproval = (
  { model, version, approvals: earlier = [] }: Pick<PackagedVersion, 'model' | 'version' | 'approvals'>,
  approval: Approval,
  policy: ApprovalPolicy,
  facts: ApprovalFacts,
): ApprovalOutcome => {
  const { principal } = approval;
  const results = [...judgeRequirements(policy.requires, facts), ...judgePrincipal(policy, facts.submitter, principal)];
  const broken = results.filter(({ passed }) => !passed);
  if (broken.length > 0) {
    const rules = broken.map(({ rule, detail }) => `rule ${rule}: ${detail}`);
    throw new ForbiddenError(`${model}@${version} may not be approved: ${rules.join('; ')}`);
  }
  const approvals = earlier.some((one) => one.principal === principal) ? earlier : [...earlier, approval];
  const counted = approvals.filter((one) => holds(judgePrincipal(policy, facts.submitter, one.principal)));
  const passed = counted.length >= policy.minApprovals;
  const names = counted.map((one) => one.principal).join(', ');
  const detail = `${counted.length} of ${policy.minApprovals} approvals: ${names}`;
  return {
    status: passed ? 'APPROVED' : 'PENDING_APPROVAL',
    approvals,
    evidence: [...results, { rule: 'minApprovals', passed, detail }],
  };
};
