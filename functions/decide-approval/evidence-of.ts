import { type ApprovalRequirements, judgeRequirements } from '../../shared/core/governance/index.ts';
import type { PackagedVersion, RuleResult } from '../../shared/core/registry/index.ts';
import type { VersionFiles } from '../../shared/ports/version-files.ts';

/** What a version's files say to each rule that its definition requires. */
export const evidenceOf = async (
  files: Pick<VersionFiles, 'gate'>,
  version: PackagedVersion,
  requires: ApprovalRequirements,
): Promise<readonly RuleResult[]> => {
  const gate = requires.gate === undefined ? undefined : await files.gate(version);
  return judgeRequirements(requires, gate === undefined ? {} : { gate });
};
