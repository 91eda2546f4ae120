import type { JsonValue } from '../../../../shared/kernel/json.ts';
import { AwsError } from '../../contracts.ts';
import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { PAYLOAD_BYTES } from '../run/limits.ts';
import type { StatesDeps } from './deps.ts';

const parseOutput = (output: string): JsonValue => {
  if (Buffer.byteLength(output) > PAYLOAD_BYTES) {
    throw new AwsError('InvalidOutput', `Invalid Output: 'the output exceeds ${PAYLOAD_BYTES} bytes'`);
  }
  try {
    return JSON.parse(output) as JsonValue;
  } catch (error) {
    throw new AwsError('InvalidOutput', `Invalid Output: '${(error as Error).message}'`);
  }
};

export const sendTaskSuccess =
  ({ tokens }: StatesDeps): JsonOperation =>
  (input) => {
    const { token, output } = readFields(input, {}, (fields) => ({
      token: fields.requiredText('taskToken'),
      output: fields.requiredText('output'),
    }));
    const parsed = parseOutput(output);
    tokens.find(token).succeed(parsed);
    return {};
  };

export const sendTaskFailure =
  ({ tokens }: StatesDeps): JsonOperation =>
  (input) => {
    const { token, error, cause } = readFields(input, {}, (fields) => ({
      token: fields.requiredText('taskToken'),
      error: fields.text('error') ?? '',
      cause: fields.text('cause') ?? '',
    }));
    tokens.find(token).fail(error, cause);
    return {};
  };

export const sendTaskHeartbeat =
  ({ tokens }: StatesDeps): JsonOperation =>
  (input) => {
    tokens.find(readFields(input, {}, (fields) => fields.requiredText('taskToken'))).heartbeat();
    return {};
  };
