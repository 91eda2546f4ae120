import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { type StatesDeps, seconds } from './deps.ts';
import { readLogging, readTags, refuseEncryption } from './read-settings.ts';

export const createStateMachine =
  ({ machines }: StatesDeps): JsonOperation =>
  (input) => {
    const settings = readFields(input, {}, (fields) => {
      // EXPRESS workflows have other semantics (at least once, no history): refused by the choice.
      fields.choice('type', ['STANDARD']);
      refuseEncryption(fields);
      if (fields.flag('publish'))
        throw fields.refuse('publish', 'is not supported: versions of state machines do not exist here');
      return {
        name: fields.requiredText('name'),
        definition: fields.requiredText('definition'),
        roleArn: fields.requiredText('roleArn'),
        logging: fields.object('loggingConfiguration', readLogging) ?? {},
        tracingEnabled: fields.object('tracingConfiguration', (tracing) => tracing.flag('enabled')) ?? false,
        tags: readTags(fields, 'tags', 'key', 'value'),
      };
    });
    const record = machines.create(settings);
    return { stateMachineArn: record.arn, creationDate: seconds(record.createdMs) };
  };
