import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { definition, type Resource, synthesise, type Template } from '../infra/synthesise.ts';
import { functionArn } from './workflow.ts';

/**
 * The definitions of the state machines as the synthesised template deploys them: the texts of `state-machines/` with
 * every token replaced by what the template substitutes. A function is called by its folder, `functionArn('infer')`.
 */

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const STAGE_PREFIX = 'millrace-dev-';
const ACCOUNT = '000000000000';

/** Stands for what only a deployment knows. */
const ARNS: Readonly<Record<string, string>> = {
  'AWS::IAM::Role': `arn:aws:iam::${ACCOUNT}:role/training`,
  'AWS::Batch::JobQueue': `arn:aws:batch:us-east-1:${ACCOUNT}:job-queue/q`,
  'AWS::Batch::JobDefinition': `arn:aws:batch:us-east-1:${ACCOUNT}:job-definition/d:1`,
};

const referenceOf = (value: Readonly<Record<string, unknown>>): string => {
  const attribute = value['Fn::GetAtt'] as readonly [string, string] | undefined;
  return attribute?.[0] ?? String(value.Ref ?? '');
};

const substitute = (value: unknown, template: Template): string => {
  if (typeof value === 'string') return value;
  const given = value as Readonly<Record<string, unknown>>;
  const imported = given['Fn::ImportValue'];
  if (typeof imported === 'string') {
    if (imported.includes('ArtifactBucket')) return 'artifacts';
    if (imported.includes('Key')) return `arn:aws:kms:us-east-1:${ACCOUNT}:key/1`;
  }
  const resource = template.Resources[referenceOf(given)];
  if (resource?.Type === 'AWS::Lambda::Function') {
    return functionArn(String(resource.Properties?.FunctionName).replace(STAGE_PREFIX, ''));
  }
  const arn = ARNS[resource?.Type ?? ''];
  if (arn === undefined) throw new Error(`nothing stands for ${JSON.stringify(value)}`);
  return arn;
};

const definitionOf = ({ Properties: properties = {} }: Resource, template: Template): Definition => {
  const substitutions = properties.DefinitionSubstitutions as Readonly<Record<string, unknown>>;
  const text = String(properties.DefinitionString).replace(/\$\{(\w+)\}/g, (_, token: string) =>
    JSON.stringify(substitute(substitutions[token], template)).slice(1, -1),
  );
  return JSON.parse(text) as Definition;
};

/** By name without the stage: `canary-rollout`, `drift-check`, `train-flight-delay`. */
export const synthesisedWorkflows = (
  trainer?: NonNullable<Parameters<typeof definition>[1]>['trainer'],
): Readonly<Record<string, Definition>> => {
  const model: ModelDefinition = definition('flight-delay', trainer === undefined ? {} : { trainer });
  const { templates } = synthesise({ definitions: [model] });
  const found = Object.values(templates).flatMap((template) =>
    Object.values(template.Resources)
      .filter(({ Type }) => Type === 'AWS::StepFunctions::StateMachine')
      .map((resource) => {
        const name = String(resource.Properties?.StateMachineName).replace(STAGE_PREFIX, '');
        return [name, definitionOf(resource, template)] as const;
      }),
  );
  return Object.fromEntries(found);
};

/** One of them. @throws when the template has none of the name. */
export const synthesisedWorkflow = (name: string, trainer?: Parameters<typeof synthesisedWorkflows>[0]): Definition => {
  const found = synthesisedWorkflows(trainer)[name];
  if (!found) throw new Error(`the template has no state machine ${name}`);
  return found;
};
