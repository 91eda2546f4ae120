import type { AccessControl, AccessRequest, Caller, CloudIdentity, LocalClock, StateStore } from '../contracts.ts';
import { AccessDenied } from './access-denied.ts';
import { LOCAL_USER } from './credentials.ts';
import { identityArn } from './identity-arn.ts';
import type { ConditionValues } from './policy/conditions.ts';
import { type Decision, evaluate, type Policies, type PolicyRequest } from './policy/evaluate.ts';
import { type CompiledStatement, compilePolicy, type PolicyPrincipal } from './policy/policy-document.ts';
import { createPolicyBook, type PolicyBook, type RolePolicies, type StatementPlace } from './policy-book.ts';
import { createUsageRecorder, type UsageRecorder } from './usage.ts';

/** The decision by the template's policies, and what of them was used. */
export interface TemplateAccessControl extends AccessControl {
  readonly usage: UsageRecorder;
}

interface Options extends CloudIdentity {
  readonly store: StateStore;
  readonly clock: Pick<LocalClock, 'nowMs'>;
}

/** The laptop's user is the account's administrator. */
const ADMINISTRATOR = compilePolicy(
  { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
  'identity',
);

/** Who asks, with the policies that speak for it. */
interface Asking {
  /** As a refusal names it. */
  readonly user: string;
  readonly principal: PolicyPrincipal;
  readonly identity: readonly CompiledStatement[] | undefined;
  readonly role: RolePolicies | undefined;
}

const NO_POLICIES: readonly CompiledStatement[] = [];

const askingRole = (book: PolicyBook, roleArn: string, user: string, accountId: string): Asking => {
  const role = book.role(roleArn);
  const principal = { arns: [roleArn, user], accountId };
  return { user, principal, identity: role?.statements ?? NO_POLICIES, role };
};

const askingCaller = (book: PolicyBook, { arn, sessionName }: Caller, accountId: string): Asking => {
  if (arn.endsWith(`:${LOCAL_USER}`)) {
    return { user: arn, principal: { arns: [arn], accountId }, identity: ADMINISTRATOR, role: undefined };
  }
  return askingRole(book, arn, identityArn(arn, sessionName), accountId);
};

/** Values that every request has, by their keys in lower case. */
const commonValue = (key: string, request: AccessRequest, asking: Asking, options: Options): string | undefined => {
  const { principal } = request;
  switch (key) {
    case 'aws:securetransport':
      // Loopback stands for TLS.
      return 'true';
    case 'aws:sourceip':
      return '127.0.0.1';
    case 'aws:principalarn':
      return asking.principal.arns[0];
    case 'aws:principalaccount':
    case 'kms:calleraccount':
      return options.accountId;
    case 'aws:requestedregion':
      return options.region;
    case 'aws:currenttime':
      return new Date(options.clock.nowMs()).toISOString();
    case 'aws:epochtime':
      return String(Math.floor(options.clock.nowMs() / 1000));
    case 'aws:sourceaccount':
      return 'service' in principal ? options.accountId : undefined;
    case 'aws:sourcearn':
      return 'service' in principal ? principal.sourceArn : undefined;
    default:
      return undefined;
  }
};

const givenValues = ({ conditions = {} }: AccessRequest): ReadonlyMap<string, readonly string[]> =>
  new Map(
    Object.entries(conditions).map(([key, value]) => [key.toLowerCase(), typeof value === 'string' ? [value] : value]),
  );

const valuesOf = (request: AccessRequest, asking: Asking, options: Options): ConditionValues => {
  // Most statements that concern a request have no condition.
  let given: ReturnType<typeof givenValues> | undefined;
  return (key) => {
    given ??= givenValues(request);
    const own = given.get(key);
    if (own !== undefined) return own;
    const common = commonValue(key, request, asking, options);
    return common === undefined ? undefined : [common];
  };
};

/** What is recorded of a statement already: nearly every request uses what others used. */
const notedUses = new WeakMap<StatementPlace, Set<string>>();

const recordUses = (usage: UsageRecorder, request: AccessRequest, asking: Asking, allowed: Allowed): void => {
  const example = request.resource;
  const { role } = asking;
  const { identity, resource, both } = allowed;
  if (role !== undefined) {
    const needed = identity.length === 1 && (both || resource.length === 0);
    for (const grant of identity) {
      const place = role.places[grant.statement];
      if (place === undefined) continue;
      const { action, resource: pattern } = grant;
      const noted = notedUses.get(place) ?? new Set<string>();
      const use = `${action}\n${pattern}\n${needed}`;
      if (noted.has(use)) continue;
      notedUses.set(place, noted.add(use));
      const at = { holder: role.name, policy: place.policy, statement: place.index };
      usage.record({ ...at, action, resource: pattern, example, needed });
    }
  }
  const needed = resource.length === 1 && (both || identity.length === 0);
  for (const grant of resource) {
    usage.record({ holder: request.resource, policy: 'resource', ...grant, example, needed });
  }
};

type Allowed = Extract<Decision, { readonly allowed: true }>;

/** Decides by the roles, policies and resource policies that the template brought. */
export const createAccessControl = (options: Options): TemplateAccessControl => {
  const book = createPolicyBook(options.store);
  const usage = createUsageRecorder();
  const { accountId } = options;

  /** Key and trust policies are known here; every other resource's policy comes with the request. */
  const policiesFor = (request: AccessRequest, identity: Policies['identity']): Policies => {
    const { action, resource, resourcePolicy } = request;
    if (action.startsWith('kms:') && resource.includes(':key/')) {
      return { identity, resource: book.keyPolicy(resource), resourceDecides: true };
    }
    if (action === 'sts:AssumeRole') return { identity, resource: book.role(resource)?.trust, resourceDecides: true };
    const policy = resourcePolicy === undefined ? undefined : book.resourcePolicy(resourcePolicy);
    return { identity, resource: policy, resourceDecides: false };
  };

  const decide = (request: AccessRequest, asking: Asking): void => {
    const policyRequest: PolicyRequest = {
      principal: asking.principal,
      action: request.action,
      resource: request.resource,
      values: valuesOf(request, asking, options),
    };
    const decision = evaluate(policyRequest, policiesFor(request, asking.identity));
    if (!decision.allowed) {
      const { action, resource } = request;
      const denial = { user: asking.user, action, resource, reason: decision.reason };
      usage.recordDenial(denial);
      throw new AccessDenied(denial);
    }
    recordUses(usage, request, asking, decision);
  };

  const require = (request: AccessRequest): void => {
    const { principal } = request;
    if (!('service' in principal)) {
      decide(request, askingCaller(book, principal, accountId));
      return;
    }
    const { service, roleArn } = principal;
    const itself: Asking = {
      user: service,
      principal: { service, arns: [], accountId },
      identity: undefined,
      role: undefined,
    };
    if (roleArn === undefined) {
      decide(request, itself);
      return;
    }
    // A service acts by a role only if the role trusts it.
    decide({ principal, action: 'sts:AssumeRole', resource: roleArn }, itself);
    const session = service.slice(0, service.indexOf('.'));
    decide(request, askingRole(book, roleArn, identityArn(roleArn, session), accountId));
  };

  return { require, usage };
};
