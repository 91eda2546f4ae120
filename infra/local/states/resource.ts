import { AwsError, type ProvisionedResource, type ResourceContext, type ResourceProvider } from '../contracts.ts';
import { readProperties } from '../protocols/fields.ts';
import type { MachineSettings, Machines } from './machines.ts';
import { readLogging, readTags } from './operations/read-settings.ts';
import type { StateMachineRecord } from './records.ts';

/** Puts `DefinitionSubstitutions` in place of `${Token}`; a token that is left over would reach AWS as text. */
const substitute = (text: string, substitutions: Readonly<Record<string, unknown>>, logicalId: string): string => {
  const replaced = text.replace(/\$\{([A-Za-z0-9]+)\}/g, (token, name: string) => {
    const value = substitutions[name];
    if (value === undefined) return token;
    const shown = typeof value === 'string' ? value : String(value);
    return JSON.stringify(shown).slice(1, -1);
  });
  const left = /\$\{([A-Za-z0-9]+)\}/.exec(replaced);
  if (left) {
    throw new AwsError('InvalidProperty', `${logicalId}.DefinitionSubstitutions has no value for the token ${left[1]}`);
  }
  return replaced;
};

const readSettings = (context: ResourceContext): MachineSettings =>
  readProperties(context, (fields) => {
    fields.choice('StateMachineType', ['STANDARD']);
    if (fields.raw('DefinitionS3Location') !== undefined) {
      throw fields.refuse('DefinitionS3Location', 'is not supported here: give DefinitionString or Definition');
    }
    if (fields.raw('EncryptionConfiguration') !== undefined) {
      throw fields.refuse('EncryptionConfiguration', 'is not supported here: documents are not encrypted');
    }
    const object = fields.raw('Definition');
    const text = fields.text('DefinitionString') ?? (object === undefined ? undefined : JSON.stringify(object));
    if (text === undefined) throw fields.refuse('DefinitionString', 'or Definition is required');
    const substitutions = (fields.raw('DefinitionSubstitutions') ?? {}) as Readonly<Record<string, unknown>>;
    return {
      name: fields.text('StateMachineName') ?? context.generatedName,
      definition: substitute(text, substitutions, context.logicalId),
      roleArn: fields.requiredText('RoleArn'),
      logging: fields.object('LoggingConfiguration', (logging) => readLogging(logging, true)) ?? {},
      tracingEnabled: fields.object('TracingConfiguration', (tracing) => tracing.flag('Enabled')) ?? false,
      tags: readTags(fields, 'Tags', 'Key', 'Value'),
    };
  });

const provisioned = (record: StateMachineRecord): ProvisionedResource => ({
  physicalId: record.arn,
  attributes: { Arn: record.arn, Name: record.name, StateMachineRevisionId: record.revisionId },
});

/** AWS::StepFunctions::StateMachine. `Ref` is the ARN. */
export const createStateMachineProvider = (machines: Machines, exists: (arn: string) => boolean): ResourceProvider => ({
  create: async (context) => {
    const settings = readSettings(context);
    const arn = machines.arnOf(settings.name);
    if (!exists(arn)) return provisioned(machines.create(settings));
    const { name: _name, ...change } = settings;
    return provisioned(machines.update(arn, change));
  },
  update: async (context) => {
    const settings = readSettings(context);
    // Another name is another machine: CloudFormation deletes the old one afterwards.
    if (machines.arnOf(settings.name) !== context.physicalId) return provisioned(machines.create(settings));
    const { name: _name, ...change } = settings;
    return provisioned(machines.update(context.physicalId, change));
  },
  delete: async (context) => machines.delete(context.physicalId),
});
