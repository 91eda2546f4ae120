import type { ModelVersion } from './model-version.ts';

export type ApprovalStep =
  /** The policy approves. */
  | { readonly step: 'approve'; readonly decidedBy: string; readonly decisionReason: string }
  /** A person is asked. */
  | { readonly step: 'ask' }
  /** It was decided before: an approval is announced again, in case its announcement was lost. */
  | { readonly step: 'announce'; readonly decidedBy: string }
  | { readonly step: 'leave' };

const AUTOMATIC_APPROVER = 'policy:automatic';

/** What to do about a registered version whose run passed its quality gate. */
export const decideApproval = (
  policy: 'automatic' | 'manual',
  version: Pick<ModelVersion, 'status' | 'decidedBy'>,
): ApprovalStep => {
  if (version.status === 'REJECTED') return { step: 'leave' };
  if (version.status === 'APPROVED') {
    return { step: 'announce', decidedBy: version.decidedBy ?? AUTOMATIC_APPROVER };
  }
  if (policy === 'manual') return { step: 'ask' };
  return { step: 'approve', decidedBy: AUTOMATIC_APPROVER, decisionReason: 'the candidate passed its quality gate' };
};
