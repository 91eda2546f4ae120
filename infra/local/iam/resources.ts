import { createHash } from 'node:crypto';
import {
  AwsError,
  type ProvisionedResource,
  type ResourceContext,
  type ResourceProvider,
  type ServiceContext,
} from '../contracts.ts';
import { type Fields, readProperties } from '../protocols/fields.ts';
import { checkPolicy } from './check-policy.ts';
import { managedPolicy } from './managed-policies.ts';
import { policiesChanged } from './policy-changes.ts';

/** Roles and policies as the template says them, with resolved documents: what `policy-book.ts` compiles. */
export interface RoleRecord {
  readonly arn: string;
  readonly name: string;
  readonly trust: unknown;
  readonly inlinePolicies: Readonly<Record<string, unknown>>;
  readonly managedPolicyArns: readonly string[];
}

/** A policy that stands alone and names the roles it belongs to. */
export interface PolicyRecord {
  readonly document: unknown;
  readonly roles: readonly string[];
  /** Set for a managed policy. */
  readonly arn?: string;
}

const uniqueId = (prefix: string, name: string): string =>
  prefix + createHash('sha256').update(name).digest('hex').slice(0, 17).toUpperCase();

const checkRole = (logicalId: string, { trust, inlinePolicies, managedPolicyArns }: RoleRecord): void => {
  checkPolicy(`${logicalId}.AssumeRolePolicyDocument`, trust, 'trust');
  for (const [name, document] of Object.entries(inlinePolicies)) {
    checkPolicy(`${logicalId}.Policies[${name}]`, document, 'identity');
  }
  const unknown = managedPolicyArns.find((arn) => arn.includes(':iam::aws:') && managedPolicy(arn) === undefined);
  if (unknown !== undefined) {
    throw new AwsError(
      'NoSuchEntity',
      `${logicalId}: managed policy ${unknown} is not known to the embedded cloud`,
      404,
    );
  }
};

const readPolicies = (fields: Fields): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    fields.list('Policies', (one) => [one.requiredText('PolicyName'), one.raw('PolicyDocument')] as const) ?? [],
  );

const roleProvider = ({ store, partition, accountId }: ServiceContext): ResourceProvider => {
  const roles = store.table<RoleRecord>('iam-roles');
  const put = async (context: ResourceContext): Promise<ProvisionedResource> => {
    const record = readProperties(context, (fields): RoleRecord => {
      fields.accept('Description', 'MaxSessionDuration', 'Tags');
      const name = fields.text('RoleName') ?? context.generatedName;
      const path = fields.text('Path') ?? '/';
      return {
        name,
        arn: `arn:${partition}:iam::${accountId}:role${path}${name}`,
        trust: fields.raw('AssumeRolePolicyDocument'),
        inlinePolicies: readPolicies(fields),
        managedPolicyArns: fields.texts('ManagedPolicyArns') ?? [],
      };
    });
    checkRole(context.logicalId, record);
    roles.put(record.name, record);
    policiesChanged(store);
    return { physicalId: record.name, attributes: { Arn: record.arn, RoleId: uniqueId('AROA', record.name) } };
  };
  const remove = async ({ physicalId }: { readonly physicalId: string }): Promise<void> => {
    roles.delete(physicalId);
    policiesChanged(store);
  };
  return { create: put, update: put, delete: remove };
};

const policyProvider = ({ store, partition, accountId }: ServiceContext, managed: boolean): ResourceProvider => {
  const policies = store.table<PolicyRecord>('iam-policies');
  const put = async (context: ResourceContext): Promise<ProvisionedResource> =>
    readProperties(context, (fields) => {
      fields.accept('Description', 'Path');
      const name = fields.text(managed ? 'ManagedPolicyName' : 'PolicyName') ?? context.generatedName;
      const arn = `arn:${partition}:iam::${accountId}:policy/${name}`;
      // Inline policies of different roles may share a name; the physical id keeps them apart.
      const physicalId = managed ? arn : context.generatedName;
      const record = { document: fields.raw('PolicyDocument'), roles: fields.texts('Roles') ?? [] };
      checkPolicy(`${context.logicalId}.PolicyDocument`, record.document, 'identity');
      policies.put(physicalId, managed ? { ...record, arn } : record);
      policiesChanged(store);
      return { physicalId, attributes: managed ? { PolicyArn: arn } : { Id: physicalId } };
    });
  const remove = async ({ physicalId }: { readonly physicalId: string }): Promise<void> => {
    policies.delete(physicalId);
    policiesChanged(store);
  };
  return { create: put, update: put, delete: remove };
};

export const iamResources = (context: ServiceContext): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::IAM::Role': roleProvider(context),
  'AWS::IAM::Policy': policyProvider(context, false),
  'AWS::IAM::ManagedPolicy': policyProvider(context, true),
});
