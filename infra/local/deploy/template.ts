import { AwsError } from '../contracts.ts';

/** A CloudFormation template as far as the embedded cloud reads it; anything else in it is refused by name. */
export interface Template {
  readonly parameters: Readonly<Record<string, TemplateParameter>>;
  readonly mappings: Readonly<Record<string, unknown>>;
  readonly conditions: Readonly<Record<string, unknown>>;
  readonly resources: Readonly<Record<string, TemplateResource>>;
  readonly outputs: Readonly<Record<string, TemplateOutput>>;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: unknown;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

export interface TemplateOutput {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown };
  readonly Condition?: string;
}

type Json = Readonly<Record<string, unknown>>;

// `Rules` only check parameters before a deployment; the one that CDK writes asks for a bootstrapped account.
const SECTIONS = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Rules',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
]);
const RESOURCE_KEYS = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
]);

const refuseUnknown = (place: string, value: Json, known: ReadonlySet<string>): void => {
  const unknown = Object.keys(value).find((key) => !known.has(key));
  if (unknown !== undefined)
    throw new AwsError('UnsupportedTemplate', `${place}: ${unknown} is not supported by the embedded cloud`);
};

const section = <T>(body: Json, name: string): Readonly<Record<string, T>> =>
  (body[name] ?? {}) as Readonly<Record<string, T>>;

/** @throws AwsError UnsupportedTemplate, naming the section or attribute. */
export const readTemplate = (stackName: string, body: Json): Template => {
  refuseUnknown(stackName, body, SECTIONS);
  const resources = section<TemplateResource>(body, 'Resources');
  for (const [logicalId, resource] of Object.entries(resources)) {
    refuseUnknown(`${stackName}/${logicalId}`, resource as unknown as Json, RESOURCE_KEYS);
  }
  return {
    parameters: section(body, 'Parameters'),
    mappings: section(body, 'Mappings'),
    conditions: section(body, 'Conditions'),
    resources,
    outputs: section(body, 'Outputs'),
  };
};
