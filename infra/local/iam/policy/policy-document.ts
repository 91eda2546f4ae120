import { type Condition, type ConditionValues, compileConditions, fillVariables, hasVariables } from './conditions.ts';
import { actionsOfService } from './known-actions.ts';
import { compileWildcard, type TextTest } from './wildcard.ts';

/**
 * Policies as they are written in JSON, compiled for the evaluation.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */

/** Who asks, as statements of resource policies name principals. */
export interface PolicyPrincipal {
  /** Such as `events.amazonaws.com`. */
  readonly service?: string;
  /** ARNs that all name this principal: a role's and its session's. */
  readonly arns: readonly string[];
  readonly accountId: string;
}

/** How a principal element applies: names the principal, or its whole account, which then decides by its own policies. */
export type PrincipalMatch = 'named' | 'account' | 'none';

export interface CompiledStatement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  /** The action pattern that matches, as it is written; for NotAction the element's text. */
  readonly matchAction: (action: string) => string | undefined;
  /** The resource pattern that matches, as it is written. */
  readonly matchResource: (resource: string, values: ConditionValues) => string | undefined;
  readonly matchPrincipal: (principal: PolicyPrincipal) => PrincipalMatch;
  readonly condition: Condition;
}

/** A policy that AWS would refuse, or that cannot be evaluated here as AWS would. */
export class MalformedPolicy extends Error {
  override readonly name = 'MalformedPolicy';
}

type Plain = Readonly<Record<string, unknown>>;

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const texts = (value: unknown, element: string): readonly string[] => {
  const list = Array.isArray(value) ? value : [value];
  if (list.length > 0 && list.every((item): item is string => typeof item === 'string')) return list;
  throw new MalformedPolicy(`${element} must be a text or a list of texts, got ${JSON.stringify(value)}`);
};

const ACTION = /^([a-z0-9-]+):([A-Za-z0-9*?]+)$/;

const checkAction = (pattern: string): void => {
  if (pattern === '*') return;
  const [, service = '', operation = ''] = ACTION.exec(pattern) ?? [];
  if (service === '') throw new MalformedPolicy(`action ${JSON.stringify(pattern)} must be prefaced by a vendor`);
  const known = actionsOfService(service);
  if (known === undefined) throw new MalformedPolicy(`action ${pattern}: service ${service} is not known`);
  const test = compileWildcard(operation, 'i');
  if (!known.some(test)) throw new MalformedPolicy(`action ${pattern}: ${service} has no such action`);
};

const checkResource = (pattern: string): void => {
  if (pattern === '*' || /^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$/.test(pattern)) return;
  throw new MalformedPolicy(`resource ${JSON.stringify(pattern)} must be in ARN format or "*"`);
};

type Match = CompiledStatement['matchAction'];

const HAS_WILDCARD = /[*?]/;

/**
 * The first pattern that matches; an element turned around matches as a whole where none does. Patterns without
 * wildcards are looked up, not tried one by one: this runs for every call that the cloud answers.
 */
const firstMatch = (patterns: readonly string[], negated: boolean, fold: (text: string) => string): Match => {
  const exact = new Map<string, string>();
  const open: (readonly [pattern: string, test: TextTest])[] = [];
  for (const pattern of patterns) {
    if (HAS_WILDCARD.test(pattern)) open.push([pattern, compileWildcard(fold(pattern))]);
    else exact.set(fold(pattern), pattern);
  }
  const match: Match = (text) => {
    const folded = fold(text);
    return exact.get(folded) ?? open.find(([, test]) => test(folded))?.[0];
  };
  const written = `not ${patterns.join(', ')}`;
  return negated ? (text) => (match(text) === undefined ? written : undefined) : match;
};

const folded = (text: string): string => text.toLowerCase();
const asWritten = (text: string): string => text;

/** Exactly one of an element and its negation. */
const oneOf = (
  statement: Plain,
  element: string,
): { readonly value: unknown; readonly negated: boolean } | undefined => {
  const negation = `Not${element}`;
  if (element in statement && negation in statement) {
    throw new MalformedPolicy(`a statement must have ${element} or ${negation}, not both`);
  }
  if (negation in statement) return { value: statement[negation], negated: true };
  return element in statement ? { value: statement[element], negated: false } : undefined;
};

const compileActions = (statement: Plain): Match => {
  const found = oneOf(statement, 'Action');
  if (found === undefined) throw new MalformedPolicy('a statement must have Action or NotAction');
  const patterns = texts(found.value, 'Action');
  patterns.forEach(checkAction);
  return firstMatch(patterns, found.negated, folded);
};

const compileResources = (statement: Plain, required: boolean): CompiledStatement['matchResource'] => {
  const found = oneOf(statement, 'Resource');
  if (found === undefined) {
    if (required) throw new MalformedPolicy('a statement must have Resource or NotResource');
    return () => '*';
  }
  const patterns = texts(found.value, 'Resource');
  patterns.forEach(checkResource);
  if (patterns.some(hasVariables)) {
    return (resource, values) => {
      const filled = patterns.map((pattern) => [pattern, fillVariables(pattern, values)] as const);
      const matching = filled.find(([, text]) => text !== undefined && compileWildcard(text)(resource))?.[0];
      if (!found.negated) return matching;
      return matching === undefined ? `not ${patterns.join(', ')}` : undefined;
    };
  }
  return firstMatch(patterns, found.negated, asWritten);
};

const accountOf = (text: string): string | undefined =>
  /^\d{12}$/.test(text) ? text : /^arn:[^:]+:iam::(\d{12}):root$/.exec(text)?.[1];

const matchAws = (names: readonly string[]): CompiledStatement['matchPrincipal'] => {
  const accounts = names.flatMap((name) => accountOf(name) ?? []);
  return ({ arns, accountId, service }) => {
    if (names.includes('*') || arns.some((arn) => names.includes(arn))) return 'named';
    return service === undefined && accounts.includes(accountId) ? 'account' : 'none';
  };
};

const PRINCIPAL_KINDS = ['AWS', 'Service'];

const compilePrincipal = (value: unknown): CompiledStatement['matchPrincipal'] => {
  if (value === '*') return () => 'named';
  if (!isPlain(value)) throw new MalformedPolicy(`Principal must be "*" or an object, got ${JSON.stringify(value)}`);
  const unknown = Object.keys(value).find((kind) => !PRINCIPAL_KINDS.includes(kind));
  if (unknown !== undefined) throw new MalformedPolicy(`principals of kind ${unknown} are not supported`);
  const services = 'Service' in value ? texts(value.Service, 'Principal.Service') : [];
  const aws = 'AWS' in value ? matchAws(texts(value.AWS, 'Principal.AWS')) : undefined;
  return (principal) => {
    if (principal.service !== undefined && services.includes(principal.service)) return 'named';
    return aws?.(principal) ?? 'none';
  };
};

const ELEMENTS = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Principal', 'Condition'] as const;

/** What a policy is attached to: an identity, whose statements name no principal, or a resource, whose statements do. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

const compileStatement = (statement: unknown, kind: PolicyKind): CompiledStatement => {
  if (!isPlain(statement)) throw new MalformedPolicy('a statement must be an object');
  const unknown = Object.keys(statement).find((name) => !ELEMENTS.some((element) => element === name));
  if (unknown !== undefined) throw new MalformedPolicy(`element ${unknown} of a statement is not supported`);
  const { Effect, Principal, Condition = {} } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') {
    throw new MalformedPolicy(`Effect must be Allow or Deny, got ${JSON.stringify(Effect)}`);
  }
  if ((Principal === undefined) !== (kind === 'identity')) {
    const rule = kind === 'identity' ? 'must not name a Principal' : 'must name a Principal';
    throw new MalformedPolicy(`a statement of ${kind === 'identity' ? 'an identity' : 'a resource'} policy ${rule}`);
  }
  if (!isPlain(Condition)) throw new MalformedPolicy('Condition must be an object');
  return {
    ...(typeof statement.Sid === 'string' ? { sid: statement.Sid } : {}),
    effect: Effect,
    matchAction: compileActions(statement),
    matchResource: compileResources(statement, kind !== 'trust'),
    matchPrincipal: kind === 'identity' ? () => 'named' : compilePrincipal(Principal),
    condition: compileConditions(Condition),
  };
};

/** @throws MalformedPolicy, UnsupportedCondition that name what is wrong */
export const compilePolicy = (document: unknown, kind: PolicyKind): readonly CompiledStatement[] => {
  if (!isPlain(document)) throw new MalformedPolicy('a policy must be an object');
  const { Version, Statement } = document;
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') {
    throw new MalformedPolicy(`Version must be 2012-10-17, got ${JSON.stringify(Version)}`);
  }
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  return statements.map((statement) => compileStatement(statement, kind));
};
