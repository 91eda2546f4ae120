import type { ConditionValues } from './conditions.ts';
import type { CompiledStatement, PolicyPrincipal } from './policy-document.ts';

/**
 * The decision over one request within one account: an explicit deny ends it; otherwise an allow in the identity's
 * policies or in the resource's is enough, but for keys and trust policies, whose own policy must allow.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */

export interface PolicyRequest {
  readonly principal: PolicyPrincipal;
  readonly action: string;
  readonly resource: string;
  readonly values: ConditionValues;
}

/** A statement that took part, by its place, with the patterns of it that matched. */
export interface Grant {
  readonly sid?: string;
  /** Position in the policies given. */
  readonly statement: number;
  readonly action: string;
  readonly resource: string;
}

export type Reason = 'identity-deny' | 'resource-deny' | 'no-identity-allow' | 'no-resource-allow';

export type Decision =
  | {
      readonly allowed: true;
      /** Every statement that allows; removing one of several changes nothing. */
      readonly identity: readonly Grant[];
      readonly resource: readonly Grant[];
      /** Each of the two is needed; otherwise one is enough. */
      readonly both: boolean;
    }
  | { readonly allowed: false; readonly reason: Reason };

export interface Policies {
  /** Of the role; undefined for a principal without policies of its own: a service. */
  readonly identity: readonly CompiledStatement[] | undefined;
  /** Of the resource; undefined where it has none. */
  readonly resource: readonly CompiledStatement[] | undefined;
  /** The resource's policy must allow, whatever the identity's say: keys, and roles to be assumed. */
  readonly resourceDecides: boolean;
}

interface Found {
  readonly deny: boolean;
  readonly named: readonly Grant[];
  /** Statements that leave the decision to the account's own policies. */
  readonly delegating: readonly Grant[];
}

const NOTHING: Found = { deny: false, named: [], delegating: [] };

/** A statement about an action. */
interface Candidate {
  readonly statement: CompiledStatement;
  readonly index: number;
  /** The pattern that matches. */
  readonly action: string;
}

/** By policies, then by action: what a statement says of an action never changes, and the same are asked for always. */
const candidates = new WeakMap<readonly CompiledStatement[], Map<string, readonly Candidate[]>>();
/** More than a role uses. */
const MOST_ACTIONS = 1_000;

const about = (statements: readonly CompiledStatement[], action: string): readonly Candidate[] => {
  const byAction = candidates.get(statements) ?? new Map<string, readonly Candidate[]>();
  const known = byAction.get(action);
  if (known !== undefined) return known;
  if (byAction.size >= MOST_ACTIONS) byAction.clear();
  const made = statements.flatMap((statement, index) => {
    const pattern = statement.matchAction(action);
    return pattern === undefined ? [] : [{ statement, index, action: pattern }];
  });
  candidates.set(statements, byAction.set(action, made));
  return made;
};

const look = (statements: readonly CompiledStatement[] | undefined, request: PolicyRequest): Found => {
  if (statements === undefined) return NOTHING;
  const named: Grant[] = [];
  const delegating: Grant[] = [];
  for (const { statement, index, action } of about(statements, request.action)) {
    const principal = statement.matchPrincipal(request.principal);
    if (principal === 'none') continue;
    const resource = statement.matchResource(request.resource, request.values);
    if (resource === undefined || !statement.condition(request.values)) continue;
    if (statement.effect === 'Deny') return { ...NOTHING, deny: true };
    const { sid } = statement;
    const grant = { statement: index, action, resource, ...(sid === undefined ? {} : { sid }) };
    (principal === 'named' ? named : delegating).push(grant);
  }
  return { deny: false, named, delegating };
};

const refuse = (reason: Reason): Decision => ({ allowed: false, reason });

/** Decides a request by all the policies that concern it. */
export const evaluate = (request: PolicyRequest, policies: Policies): Decision => {
  const identity = look(policies.identity, request);
  if (identity.deny) return refuse('identity-deny');
  const resource = look(policies.resource, request);
  if (resource.deny) return refuse('resource-deny');
  if (policies.resourceDecides) {
    if (resource.named.length > 0) {
      // The resource's own word is enough: what the identity's policies say plays no part.
      return { allowed: true, identity: [], resource: resource.named, both: false };
    }
    if (resource.delegating.length === 0) return refuse('no-resource-allow');
    if (identity.named.length === 0) return refuse('no-identity-allow');
    return { allowed: true, identity: identity.named, resource: resource.delegating, both: true };
  }
  if (identity.named.length === 0 && resource.named.length === 0) {
    return refuse(policies.identity === undefined ? 'no-resource-allow' : 'no-identity-allow');
  }
  return { allowed: true, identity: identity.named, resource: resource.named, both: false };
};
