import type { GrantUse } from '../usage.ts';

/** Every action that a template's policies allow, with where it stands, and the template without one of them. */

type Json = Readonly<Record<string, unknown>>;

export interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties?: Json }>>;
}

/** What holds a policy: a role, or a resource with a policy of its own. */
type HolderKind = 'role' | 'key' | 'queue' | 'topic' | 'bucket' | 'function';

export interface TemplateGrant {
  readonly kind: HolderKind;
  /** Logical id of the resource in whose properties the policy stands. */
  readonly logicalId: string;
  /** Logical id of what the policy speaks for: a queue's policy is a resource of its own. */
  readonly holderId: string;
  /** Name within a role; `resource` for a resource's own policy. */
  readonly policy: string;
  readonly statement: number;
  readonly action: string;
}

interface PolicyPlace {
  readonly kind: HolderKind;
  readonly holderId: (properties: Json, logicalId: string) => string;
  /** Policies in the properties by name. */
  readonly documents: (properties: Json) => Readonly<Record<string, unknown>>;
}

const asJson = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const asList = (value: unknown): readonly unknown[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
};

/** The logical id behind `{Ref}`, `{Fn::GetAtt}` or an import of another stack. */
const referred = (value: unknown): string => {
  const one = asJson(Array.isArray(value) ? value[0] : value);
  const attribute = one['Fn::GetAtt'];
  return String(one.Ref ?? (Array.isArray(attribute) ? attribute[0] : '') ?? '');
};

const itself = (_properties: Json, logicalId: string): string => logicalId;

const PLACES: Readonly<Record<string, PolicyPlace>> = {
  'AWS::IAM::Role': {
    kind: 'role',
    holderId: itself,
    documents: ({ Policies }) =>
      Object.fromEntries(
        asList(Policies).map((one) => [String(asJson(one).PolicyName), asJson(one).PolicyDocument] as const),
      ),
  },
  'AWS::IAM::Policy': {
    kind: 'role',
    holderId: ({ Roles }) => referred(Roles),
    documents: ({ PolicyDocument, PolicyName }) => ({ [String(PolicyName)]: PolicyDocument }),
  },
  'AWS::KMS::Key': { kind: 'key', holderId: itself, documents: ({ KeyPolicy }) => ({ resource: KeyPolicy }) },
  'AWS::SQS::QueuePolicy': {
    kind: 'queue',
    holderId: ({ Queues }) => referred(Queues),
    documents: ({ PolicyDocument }) => ({ resource: PolicyDocument }),
  },
  'AWS::SNS::TopicPolicy': {
    kind: 'topic',
    holderId: ({ Topics }) => referred(Topics),
    documents: ({ PolicyDocument }) => ({ resource: PolicyDocument }),
  },
  'AWS::S3::BucketPolicy': {
    kind: 'bucket',
    holderId: ({ Bucket }) => referred(Bucket),
    documents: ({ PolicyDocument }) => ({ resource: PolicyDocument }),
  },
};

const statementsOf = (document: unknown): readonly Json[] => asList(asJson(document).Statement).map(asJson);

const grantsOfResource = (logicalId: string, place: PolicyPlace, properties: Json): readonly TemplateGrant[] =>
  Object.entries(place.documents(properties)).flatMap(([policy, document]) =>
    statementsOf(document).flatMap((statement, index) => {
      if (statement.Effect !== 'Allow') return [];
      const common = { kind: place.kind, logicalId, holderId: place.holderId(properties, logicalId), policy };
      return asList(statement.Action).map((action) => ({ ...common, statement: index, action: String(action) }));
    }),
  );

/** A permission of a function is a policy of one statement. */
const permissionGrant = (logicalId: string, { Action, FunctionName }: Json): TemplateGrant => ({
  kind: 'function',
  logicalId,
  holderId: referred(FunctionName),
  policy: 'resource',
  statement: 0,
  action: String(Action),
});

export const templateGrants = ({ Resources }: Template): readonly TemplateGrant[] =>
  Object.entries(Resources).flatMap(([logicalId, { Type, Properties = {} }]) => {
    if (Type === 'AWS::Lambda::Permission') return [permissionGrant(logicalId, Properties)];
    const place = PLACES[Type];
    return place === undefined ? [] : grantsOfResource(logicalId, place, Properties);
  });

/** The statements without one action; a statement that allows nothing any more goes. */
const withoutAction = (document: Json, grant: TemplateGrant): Json => ({
  ...document,
  Statement: statementsOf(document).flatMap((statement, index) => {
    if (index !== grant.statement) return [statement];
    const left = asList(statement.Action).filter((action) => action !== grant.action);
    return left.length === 0 ? [] : [{ ...statement, Action: left }];
  }),
});

const changedProperties = (properties: Json, grant: TemplateGrant): Json => {
  if (Array.isArray(properties.Policies)) {
    const policies = properties.Policies.map((one) => {
      const { PolicyName, PolicyDocument } = asJson(one);
      if (PolicyName !== grant.policy) return one as unknown;
      return { PolicyName, PolicyDocument: withoutAction(asJson(PolicyDocument), grant) };
    });
    return { ...properties, Policies: policies };
  }
  const name = 'KeyPolicy' in properties ? 'KeyPolicy' : 'PolicyDocument';
  return { ...properties, [name]: withoutAction(asJson(properties[name]), grant) };
};

/** The same template without this one permission. */
export const withoutGrant = (template: Template, grant: TemplateGrant): Template => {
  const resource = template.Resources[grant.logicalId];
  if (resource === undefined) return template;
  if (grant.kind !== 'function') {
    const changed = { ...resource, Properties: changedProperties(resource.Properties ?? {}, grant) };
    return { ...template, Resources: { ...template.Resources, [grant.logicalId]: changed } };
  }
  const { [grant.logicalId]: _removed, ...rest } = template.Resources;
  return { ...template, Resources: withoutDependency(rest, grant.logicalId) };
};

const withoutDependency = (resources: Template['Resources'], logicalId: string): Template['Resources'] =>
  Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => {
      const dependsOn = asList((resource as { readonly DependsOn?: unknown }).DependsOn);
      if (!dependsOn.includes(logicalId)) return [id, resource];
      return [id, { ...resource, DependsOn: dependsOn.filter((one) => one !== logicalId) }];
    }),
  );

/** Physical ids by logical ids, of one stack. */
export type PhysicalId = (logicalId: string) => string | undefined;

const lastPart = (text: string): string => text.split('/').at(-1) ?? '';

/** Whether a use of a permission is one of this grant. */
export const grantUsed = (physicalId: PhysicalId, grant: TemplateGrant, use: GrantUse): boolean => {
  if (use.policy !== grant.policy || use.action !== grant.action) return false;
  // Of a function's policy, a permission is one statement, named after itself.
  if (grant.kind === 'function') return use.sid !== undefined && use.sid === physicalId(grant.logicalId);
  const holder = physicalId(grant.holderId);
  if (holder === undefined || use.statement !== grant.statement) return false;
  return (
    use.holder === holder || use.holder.endsWith(`:${lastPart(holder)}`) || lastPart(use.holder) === lastPart(holder)
  );
};
