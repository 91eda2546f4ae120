import { AwsError } from '../../contracts.ts';
import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { type StatesDeps, seconds } from './deps.ts';
import { readLogging, refuseEncryption } from './read-settings.ts';

export const updateStateMachine =
  ({ machines }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, change } = readFields(input, {}, (fields) => {
      refuseEncryption(fields);
      if (fields.flag('publish'))
        throw fields.refuse('publish', 'is not supported: versions of state machines do not exist here');
      const definition = fields.text('definition');
      const roleArn = fields.text('roleArn');
      const logging = fields.object('loggingConfiguration', readLogging);
      const tracingEnabled = fields.object('tracingConfiguration', (tracing) => tracing.flag('enabled') ?? false);
      return {
        arn: fields.requiredText('stateMachineArn'),
        change: {
          ...(definition === undefined ? {} : { definition }),
          ...(roleArn === undefined ? {} : { roleArn }),
          ...(logging === undefined ? {} : { logging }),
          ...(tracingEnabled === undefined ? {} : { tracingEnabled }),
        },
      };
    });
    if (Object.keys(change).length === 0) {
      throw new AwsError(
        'MissingRequiredParameter',
        'at least one of definition, roleArn, loggingConfiguration and tracingConfiguration is required',
      );
    }
    const record = machines.update(arn, change);
    return { updateDate: seconds(record.updatedMs), revisionId: record.revisionId };
  };
