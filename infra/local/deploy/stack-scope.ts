import { AwsError, type CloudIdentity } from '../contracts.ts';
import { NO_VALUE, resolve, type Scope } from './intrinsics.ts';
import type { StackState, StandingResource } from './stack-state.ts';
import type { Template, TemplateParameter } from './template.ts';

const BOOTSTRAP_VERSION_PARAMETER = /^\/cdk-bootstrap\/[^/]+\/version$/;
// The template's rule asks for 6 or more; nothing here was bootstrapped, and nothing needs to be.
const BOOTSTRAP_VERSION = '99';

const parameterValue = (name: string, { Type, Default }: TemplateParameter): unknown => {
  if (Type.startsWith('AWS::SSM::Parameter::Value')) {
    if (BOOTSTRAP_VERSION_PARAMETER.test(String(Default))) return BOOTSTRAP_VERSION;
    throw new AwsError('ValidationError', `parameter ${name} of type ${Type} is not supported by the embedded cloud`);
  }
  if (Default === undefined) throw new AwsError('ValidationError', `parameter ${name} has no default value`);
  return Type === 'CommaDelimitedList' || Type.startsWith('List<') ? String(Default).split(',') : String(Default);
};

const pseudoParameters = (
  { stackName, stackId }: Pick<StackScopeOptions, 'stackName' | 'stackId'>,
  { partition, accountId, region }: CloudIdentity,
): Readonly<Record<string, unknown>> => ({
  'AWS::AccountId': accountId,
  'AWS::NoValue': NO_VALUE,
  'AWS::NotificationARNs': [],
  'AWS::Partition': partition,
  'AWS::Region': region,
  'AWS::StackId': stackId,
  'AWS::StackName': stackName,
  'AWS::URLSuffix': 'amazonaws.com',
});

export interface StackScopeOptions {
  readonly stackName: string;
  readonly stackId: string;
  readonly template: Template;
  readonly identity: CloudIdentity;
  readonly state: StackState;
  readonly standing: (logicalId: string) => StandingResource | undefined;
  /** Hears of each export that was looked up. */
  readonly onImport: (exportName: string) => void;
}

/** What the intrinsic functions of one stack see. */
export const createStackScope = (options: StackScopeOptions): Scope => {
  const { stackName, template, identity, state, standing } = options;
  const pseudo = pseudoParameters(options, identity);
  const missing = (what: string): AwsError => new AwsError('ValidationError', `${stackName}: ${what}`);
  const resource = (logicalId: string): StandingResource => {
    const found = standing(logicalId);
    if (found === undefined) throw missing(`unresolved reference to ${logicalId}`);
    return found;
  };
  const scope: Scope = {
    region: identity.region,
    ref: (name) => {
      if (Object.hasOwn(pseudo, name)) return pseudo[name];
      const parameter = template.parameters[name];
      return parameter ? parameterValue(name, parameter) : resource(name).physicalId;
    },
    attribute: (logicalId, name) => {
      const { attributes, type } = resource(logicalId);
      if (!Object.hasOwn(attributes, name)) throw missing(`${logicalId} (${type}) has no attribute ${name}`);
      return attributes[name];
    },
    importValue: (name) => {
      const value = state.exportValue(name);
      if (value === undefined) throw missing(`no stack exports ${name}`);
      options.onImport(name);
      return value;
    },
    condition: (name) => {
      if (!Object.hasOwn(template.conditions, name)) throw missing(`no condition is called ${name}`);
      return resolve(template.conditions[name], scope) === true;
    },
    mapping: (map, first, second) => {
      const value = (template.mappings[map] as Record<string, Record<string, unknown>> | undefined)?.[first]?.[second];
      if (value === undefined) throw missing(`mapping ${map} has no ${first}.${second}`);
      return value;
    },
  };
  return scope;
};
