import type { StateStore } from '../contracts.ts';
import { checkPolicy } from './check-policy.ts';
import { managedPolicy } from './managed-policies.ts';
import { type CompiledStatement, compilePolicy } from './policy/policy-document.ts';
import { policyGeneration } from './policy-changes.ts';
import type { PolicyRecord, RoleRecord } from './resources.ts';

/** Statements with where they stand: what a use of one is recorded by. */
export interface StatementPlace {
  /** Name of the inline policy, id of the attached one, or ARN of the managed one. */
  readonly policy: string;
  /** Position in that policy. */
  readonly index: number;
}

export interface RolePolicies {
  readonly arn: string;
  readonly name: string;
  readonly statements: readonly CompiledStatement[];
  /** Beside `statements`. */
  readonly places: readonly StatementPlace[];
  readonly trust: readonly CompiledStatement[];
}

export interface PolicyBook {
  /** By ARN; undefined for a role that does not exist. */
  role(arn: string): RolePolicies | undefined;
  /** The policy of a key, by ARN, as KMS made it known. */
  keyPolicy(arn: string): readonly CompiledStatement[] | undefined;
  /** A resource policy as a service hands it over: a document, or its text. */
  resourcePolicy(document: unknown): readonly CompiledStatement[];
}

const KEY_POLICIES = 'iam-key-policies';
/** More different documents than this are no template's. */
const MAX_COMPILED = 2_000;

/** The table in which KMS makes the policies of its keys known, by key ARN. */
export const keyPolicies = (store: StateStore) => store.table<unknown>(KEY_POLICIES);

const documentsOf = (
  role: RoleRecord,
  policies: readonly (readonly [id: string, record: PolicyRecord])[],
): readonly (readonly [policy: string, document: unknown])[] => [
  ...Object.entries(role.inlinePolicies),
  ...policies
    .filter(([, { roles, arn }]) => roles.includes(role.name) || role.managedPolicyArns.includes(arn ?? ''))
    .map(([id, { document }]) => [id, document] as const),
  ...role.managedPolicyArns.flatMap((arn) => {
    const document = managedPolicy(arn);
    return document === undefined ? [] : [[arn, document] as const];
  }),
];

const compileRole = (store: StateStore, role: RoleRecord): RolePolicies => {
  const documents = documentsOf(role, store.table<PolicyRecord>('iam-policies').entries());
  const compiled = documents.map(([policy, document]) => ({ policy, statements: compilePolicy(document, 'identity') }));
  return {
    arn: role.arn,
    name: role.name,
    statements: compiled.flatMap(({ statements }) => statements),
    places: compiled.flatMap(({ policy, statements }) => statements.map((_, index) => ({ policy, index }))),
    trust: compilePolicy(role.trust, 'trust'),
  };
};

/** Compiled policies of one cloud, read again when one has changed. */
export const createPolicyBook = (store: StateStore): PolicyBook => {
  const byName = store.table<RoleRecord>('iam-roles');
  const keys = keyPolicies(store);
  let generation = -1;
  const roles = new Map<string, RolePolicies | undefined>();
  const compiledKeys = new Map<string, readonly CompiledStatement[] | undefined>();
  const compiled = new Map<string, readonly CompiledStatement[]>();

  const current = (): void => {
    const now = policyGeneration(store);
    if (now === generation) return;
    roles.clear();
    compiledKeys.clear();
    generation = now;
  };
  const compileText = (text: string): readonly CompiledStatement[] => {
    const known = compiled.get(text);
    if (known !== undefined) return known;
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    const document: unknown = JSON.parse(text);
    checkPolicy('the resource policy', document, 'resource');
    const statements = compilePolicy(document, 'resource');
    compiled.set(text, statements);
    return statements;
  };

  return {
    role: (arn) => {
      current();
      if (roles.has(arn)) return roles.get(arn);
      const record = byName.get(arn.split('/').at(-1) ?? '');
      const found = record?.arn === arn ? compileRole(store, record) : undefined;
      roles.set(arn, found);
      return found;
    },
    keyPolicy: (arn) => {
      current();
      if (compiledKeys.has(arn)) return compiledKeys.get(arn);
      const document = keys.get(arn);
      const statements = document === undefined ? undefined : compilePolicy(document, 'resource');
      compiledKeys.set(arn, statements);
      return statements;
    },
    resourcePolicy: (document) => compileText(typeof document === 'string' ? document : JSON.stringify(document)),
  };
};
