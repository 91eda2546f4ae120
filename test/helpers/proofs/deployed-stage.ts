import type { Scope } from '../../../infra/local/deploy/intrinsics.ts';
import { NO_VALUE, resolve } from '../../../infra/local/deploy/intrinsics.ts';
import type { Template } from '../../infra/synthesise.ts';

/**
 * A stage as its templates describe it, with every reference replaced by the name or ARN that AWS would give: what the
 * proofs reason about. Names that CloudFormation would make up are the logical ids.
 */

export interface DeployedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** What `Ref` gives. */
  readonly ref: string;
  /** What `Fn::GetAtt Arn` gives. */
  readonly arn: string;
}

export interface DeployedStage {
  readonly resources: readonly DeployedResource[];
  ofType(type: string): readonly DeployedResource[];
}

const REGION = 'us-east-1';
const ACCOUNT = '111111111111';
const arn = (service: string, rest: string, region = REGION): string =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${rest}`;

type Properties = Readonly<Record<string, unknown>>;
interface Identity {
  readonly ref: string;
  readonly arn: string;
}

const PSEUDO: Readonly<Record<string, unknown>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'stack',
  'AWS::StackId': arn('cloudformation', 'stack/stack/1'),
  'AWS::NoValue': NO_VALUE,
};

const named = (name: string, service: string, prefix: string): Identity => ({
  ref: name,
  arn: arn(service, `${prefix}${name}`),
});
const byArn = (text: string): Identity => ({ ref: text, arn: text });

/** What `Ref` and `Arn` are, for the types whose ARNs the proofs compare; any other resource is its logical id. */
const IDENTITIES: Readonly<Record<string, (logicalId: string, properties: Properties) => Identity>> = {
  'AWS::Lambda::Function': (_, p) => named(String(p.FunctionName), 'lambda', 'function:'),
  'AWS::Lambda::Alias': (_, p) => byArn(`${arn('lambda', `function:${String(p.FunctionName)}`)}:${String(p.Name)}`),
  'AWS::StepFunctions::StateMachine': (_, p) => byArn(arn('states', `stateMachine:${String(p.StateMachineName)}`)),
  'AWS::IAM::Role': (id) => ({ ref: id, arn: `arn:aws:iam::${ACCOUNT}:role/${id}` }),
  'AWS::SNS::Topic': (id) => byArn(arn('sns', id)),
  'AWS::SQS::Queue': (id) => named(id, 'sqs', ''),
  'AWS::S3::Bucket': (id) => ({ ref: id.toLowerCase(), arn: `arn:aws:s3:::${id.toLowerCase()}` }),
  'AWS::DynamoDB::Table': (id) => named(id, 'dynamodb', 'table/'),
  'AWS::KMS::Key': (id) => named(id, 'kms', 'key/'),
  'AWS::Events::EventBus': (_, p) => named(String(p.Name), 'events', 'event-bus/'),
  'AWS::CloudWatch::Alarm': (_, p) => named(String(p.AlarmName), 'cloudwatch', 'alarm:'),
};

const identify = (logicalId: string, type: string, properties: Properties): Identity =>
  IDENTITIES[type]?.(logicalId, properties) ?? { ref: logicalId, arn: `${type}/${logicalId}` };

/** Resolves the templates of one stage. @throws Error for a reference to something that no template has. */
export const deployedStage = (templates: Readonly<Record<string, Template>>): DeployedStage => {
  const exports = new Map<string, () => unknown>();
  const found: DeployedResource[] = [];
  for (const template of Object.values(templates)) {
    const scope = scopeOf(template, exports);
    for (const { Value, Export } of Object.values(template.Outputs ?? {}) as readonly Output[]) {
      if (Export !== undefined) exports.set(String(resolve(Export.Name, scope)), () => resolve(Value, scope));
    }
    for (const [logicalId, { Type, Properties = {} }] of Object.entries(template.Resources)) {
      const properties = resolve(Properties, scope) as Properties;
      found.push({ logicalId, type: Type, properties, ...identify(logicalId, Type, properties) });
    }
  }
  return { resources: found, ofType: (type) => found.filter((resource) => resource.type === type) };
};

interface Output {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown };
}

const scopeOf = (template: Template, exports: ReadonlyMap<string, () => unknown>): Scope => {
  const identityOf = (logicalId: string): Identity => {
    const resource = template.Resources[logicalId];
    if (resource === undefined) throw new Error(`no template has a resource ${logicalId}`);
    const properties =
      IDENTITIES[resource.Type] === undefined ? {} : resolve(namesIn(resource.Properties ?? {}), scope);
    return identify(logicalId, resource.Type, properties as Properties);
  };
  const scope: Scope = {
    region: REGION,
    ref: (name) => (Object.hasOwn(PSEUDO, name) ? PSEUDO[name] : identityOf(name).ref),
    attribute: (logicalId, name) => (name === 'Arn' ? identityOf(logicalId).arn : `${logicalId}.${name}`),
    importValue: (name) => {
      const value = exports.get(name);
      if (value === undefined) throw new Error(`no template exports ${name}`);
      return value();
    },
    condition: () => true,
    mapping: (map, first, second) => `${map}.${first}.${second}`,
  };
  return scope;
};

/** Only what names a resource: the rest of its properties may refer back to it. */
const namesIn = (properties: Properties): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([key]) => /Name$/.test(key)));
