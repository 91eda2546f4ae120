import { InvalidStateError } from '../../kernel/errors.ts';
import { canonicalJson, type Sha256 } from '../audit/index.ts';
import type { RoutingPlan } from './routing-plan.ts';

/** A model version by its bytes, as a roster names it. */
export interface RosterMember {
  readonly version: number;
  readonly modelDigest: string;
  readonly manifestDigest: string;
  readonly artifactPrefix: string;
}

/** The versions that one published version of the inference function may serve, by version. */
export interface Roster {
  readonly model: string;
  readonly members: readonly RosterMember[];
}

/** Beyond these the oldest leave: an environment holds a few models only, and nobody goes back further. */
const MOST_MEMBERS = 12;

export const rosterDigest = ({ model, members }: Roster, sha256: Sha256): string =>
  sha256(canonicalJson({ model, members }));

/**
 * The roster of the next published version: what the one before may serve, and the version that is rolled out.
 * @param needed versions that must stay: what serves now.
 */
export const nextRoster = (
  { model, members }: Roster,
  member: RosterMember,
  needed: readonly number[] = [],
): Roster => {
  const all = [...members.filter(({ version }) => version !== member.version), member];
  const isNeeded = ({ version }: RosterMember): boolean => version === member.version || needed.includes(version);
  const spare = all.filter((one) => !isNeeded(one)).toSorted((a, b) => b.version - a.version);
  const kept = [...all.filter(isNeeded), ...spare].slice(0, MOST_MEMBERS);
  return { model, members: kept.toSorted((a, b) => a.version - b.version) };
};

/** @throws InvalidStateError for versions that the function in service may not serve. */
export const requireMembers = ({ model, members }: Roster, versions: readonly number[]): void => {
  const missing = versions.filter((version) => !members.some((member) => member.version === version));
  if (missing.length === 0) return;
  const known = members.map(({ version }) => version).join(', ');
  throw new InvalidStateError(
    `version ${missing.join(', ')} of ${model} is not among those that its function in service may serve (${known}): it needs a rollout first`,
  );
};

/** What is on record of a plan: whoever changes its item otherwise is found out. */
export const planDigest = (plan: RoutingPlan, sha256: Sha256): string => sha256(canonicalJson(plan));
