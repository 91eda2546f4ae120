import { ForbiddenError } from '../../kernel/errors.ts';
import type { Rollout } from '../registry/index.ts';
import type { ApprovalPolicy } from './approval-policy.ts';
import { judgePrincipal } from './judge-approval.ts';

/**
 * Who may end a canary by giving it everything, before its judge has decided: whoever may approve the version. One is
 * enough: as many as the policy asks for have approved it already. What new code serves, nobody submitted.
 * @throws ForbiddenError that names each rule which forbids it.
 */
export const requirePromoter = (
  { model, rolloutId, kind }: Pick<Rollout, 'model' | 'rolloutId' | 'kind'>,
  policy: ApprovalPolicy,
  { principal, submitter }: { readonly principal: string; readonly submitter: string },
): void => {
  const distinctFromSubmitter = policy.distinctFromSubmitter && kind === 'model';
  const broken = judgePrincipal({ ...policy, distinctFromSubmitter }, submitter, principal).filter(
    ({ passed }) => !passed,
  );
  if (broken.length === 0) return;
  const rules = broken.map(({ rule, detail }) => `rule ${rule}: ${detail}`);
  throw new ForbiddenError(`rollout ${rolloutId} of ${model} may not be promoted: ${rules.join('; ')}`);
};
