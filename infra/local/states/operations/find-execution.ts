import { AwsError } from '../../contracts.ts';
import type { ExecutionRecord, StatesTables } from '../records.ts';
import { isExpired } from '../retention.ts';

/** @throws AwsError InvalidArn, ExecutionDoesNotExist */
export const findExecution = (tables: StatesTables, arn: string, nowMs: number): ExecutionRecord => {
  if (!/^arn:aws:states:[a-z0-9-]+:\d{12}:execution:[^:]+:[^:]+$/.test(arn)) {
    throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  }
  const record = tables.executions.get(arn);
  if (!record || isExpired(record, nowMs)) {
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }
  return record;
};
