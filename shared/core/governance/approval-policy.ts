import type { PackagedVersion, TrainingRun } from '../registry/index.ts';

/** What a definition says about approving its versions, and who a version comes from. */

/** What must be on record about a version before anybody, or the policy, may approve it. */
export interface ApprovalRequirements {
  /** Its `evaluation.json`, by the digest of its manifest, says that it passed the quality gate. */
  readonly gate?: 'passed' | undefined;
}

/** A definition's `approval`: a word for the usual, or rules. */
export type ApprovalSetting =
  | 'automatic'
  | 'manual'
  | { readonly mode: 'automatic'; readonly requires: ApprovalRequirements }
  | {
      readonly mode: 'manual';
      readonly minApprovals: number;
      readonly distinctFromSubmitter: boolean;
      readonly approvers?: readonly string[] | undefined;
      readonly requires: ApprovalRequirements;
    };

export interface ApprovalPolicy {
  readonly mode: 'automatic' | 'manual';
  /** Different principals that must approve. */
  readonly minApprovals: number;
  /** Whoever asked for a version may not approve it. */
  readonly distinctFromSubmitter: boolean;
  /** Patterns of principals, with `*` for any text; absent: everybody whom the API lets in. */
  readonly approvers?: readonly string[];
  readonly requires: ApprovalRequirements;
}

const MANUAL: ApprovalPolicy = { mode: 'manual', minApprovals: 1, distinctFromSubmitter: true, requires: {} };
/** Where the policy approves, a person who does so first is not held to more. */
const AUTOMATIC: ApprovalPolicy = { mode: 'automatic', minApprovals: 1, distinctFromSubmitter: false, requires: {} };

/** @param setting of a model that is not deployed, undefined: a person decides, and not the one who asked. */
export const approvalPolicyOf = (setting: ApprovalSetting | undefined): ApprovalPolicy => {
  if (setting === undefined || setting === 'manual') return MANUAL;
  if (setting === 'automatic') return AUTOMATIC;
  if (setting.mode === 'automatic') return { ...AUTOMATIC, requires: setting.requires };
  const { approvers, ...rules } = setting;
  return { ...rules, ...(approvers === undefined ? {} : { approvers }) };
};

/**
 * Who a version comes from: whom its registration names, who called for its training, or else the workflow or the stage
 * that brought it.
 */
export const submitterOf = (
  { model, submittedBy, origin }: Pick<PackagedVersion, 'model' | 'submittedBy' | 'origin'>,
  run: Pick<TrainingRun, 'cause'> | undefined,
): string => {
  if (submittedBy !== undefined) return submittedBy;
  if (origin !== undefined) return `promotion:${origin.stage}`;
  const { kind, principal } = run?.cause ?? {};
  return kind === 'call' && typeof principal === 'string' ? principal : `workflow:train-${model}`;
};

/**
 * Whether a principal is one that a pattern means: `*` stands for any text, also none, everything else for itself.
 * Linear in both lengths.
 */
export const matchesPrincipal = (pattern: string, principal: string): boolean => {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return pattern === principal;
  if (!principal.startsWith(head)) return false;
  let at = head.length;
  for (const part of rest) {
    const found = principal.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return principal.length - tail.length >= at && principal.endsWith(tail);
};
