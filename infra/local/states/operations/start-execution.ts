import { AwsError } from '../../contracts.ts';
import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { checkName } from '../machines.ts';
import type { ExecutionRecord } from '../records.ts';
import { forget, isExpired } from '../retention.ts';
import { PAYLOAD_BYTES } from '../run/limits.ts';
import { type StatesDeps, seconds } from './deps.ts';

const checkInput = (input: string): void => {
  if (Buffer.byteLength(input) > PAYLOAD_BYTES) {
    throw new AwsError(
      'InvalidExecutionInput',
      `Invalid State Machine Execution Input: 'the input exceeds ${PAYLOAD_BYTES} bytes'`,
    );
  }
  try {
    JSON.parse(input);
  } catch (error) {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${(error as Error).message}'`);
  }
};

/**
 * The name is the key: the same name with the same input gives the execution that runs; any other use of a taken name is
 * refused, also after the execution ended, until Step Functions forgets it after 90 days.
 */
export const startExecution =
  ({ machines, tables, executions, context, newId }: StatesDeps): JsonOperation =>
  (request) => {
    const { arn, name, input, traceHeader } = readFields(request, {}, (fields) => ({
      arn: fields.requiredText('stateMachineArn'),
      name: fields.text('name') ?? newId(),
      input: fields.text('input') ?? '{}',
      traceHeader: fields.text('traceHeader'),
    }));
    checkName(name);
    checkInput(input);
    const machine = machines.get(arn);
    const executionArn = `${arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const known = tables.executions.get(executionArn);
    if (known && !isExpired(known, context.clock.nowMs())) {
      if (known.status === 'RUNNING' && known.input === input)
        return { executionArn, startDate: seconds(known.startMs) };
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    }
    if (known) forget(tables, known);
    const record: ExecutionRecord = {
      arn: executionArn,
      name,
      stateMachineArn: arn,
      roleArn: machine.roleArn,
      revisionId: machine.revisionId,
      logging: machine.logging,
      status: 'RUNNING',
      startMs: context.clock.nowMs(),
      input,
      redriveCount: 0,
      ...(traceHeader === undefined ? {} : { traceHeader }),
    };
    executions.begin(record);
    return { executionArn, startDate: seconds(record.startMs) };
  };
