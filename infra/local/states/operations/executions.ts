import { AwsError } from '../../contracts.ts';
import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import type { ExecutionRecord } from '../records.ts';
import { type StatesDeps, seconds } from './deps.ts';
import { findExecution } from './find-execution.ts';
import { pageOf, readPage } from './pages.ts';

const REDRIVABLE: readonly string[] = ['FAILED', 'TIMED_OUT', 'ABORTED'];
/** AWS lets an execution be redriven for so long after it ended. */
const REDRIVE_WINDOW_MS = 14 * 86_400_000;

export const stopExecution =
  ({ tables, executions }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, error, cause } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('executionArn'),
      error: fields.text('error'),
      cause: fields.text('cause'),
    }));
    findExecution(tables, arn);
    const ended = executions.abort(arn, {
      status: 'ABORTED',
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    });
    return { stopDate: seconds(ended.stopMs ?? ended.startMs) };
  };

const summary = (record: ExecutionRecord): Readonly<Record<string, unknown>> => ({
  executionArn: record.arn,
  stateMachineArn: record.stateMachineArn,
  name: record.name,
  status: record.status,
  startDate: seconds(record.startMs),
  ...(record.stopMs === undefined ? {} : { stopDate: seconds(record.stopMs) }),
  redriveCount: record.redriveCount,
  ...(record.redriveMs === undefined ? {} : { redriveDate: seconds(record.redriveMs) }),
});

export const describeExecution =
  ({ tables }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, withData } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('executionArn'),
      withData: fields.choice('includedData', ['ALL_DATA', 'METADATA_ONLY']) !== 'METADATA_ONLY',
    }));
    const record = findExecution(tables, arn);
    const redrivable = REDRIVABLE.includes(record.status);
    return {
      ...summary(record),
      ...(withData ? { input: record.input, inputDetails: { included: true } } : {}),
      ...(withData && record.output !== undefined ? { output: record.output, outputDetails: { included: true } } : {}),
      ...(record.error === undefined ? {} : { error: record.error }),
      ...(record.cause === undefined ? {} : { cause: record.cause }),
      ...(record.traceHeader === undefined ? {} : { traceHeader: record.traceHeader }),
      redriveStatus: redrivable ? 'REDRIVABLE' : 'NOT_REDRIVABLE',
      ...(redrivable ? {} : { redriveStatusReason: `Execution is ${record.status} and cannot be redriven` }),
    };
  };

export const listExecutions =
  ({ tables, machines }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, status, redriven, page } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('stateMachineArn'),
      status: fields.choice('statusFilter', ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
      redriven: fields.choice('redriveFilter', ['REDRIVEN', 'NOT_REDRIVEN']),
      page: readPage(fields),
    }));
    machines.get(arn);
    const matching = tables.executions
      .entries(`${arn.replace(':stateMachine:', ':execution:')}:`)
      .map(([, record]) => record)
      .filter((record) => status === undefined || record.status === status)
      .filter((record) => redriven === undefined || record.redriveCount > 0 === (redriven === 'REDRIVEN'))
      .sort((a, b) => b.startMs - a.startMs || (a.name < b.name ? -1 : 1));
    const { items, nextToken } = pageOf(matching, page);
    return { executions: items.map(summary), ...(nextToken === undefined ? {} : { nextToken }) };
  };

export const redriveExecution =
  ({ tables, executions, context }: StatesDeps): JsonOperation =>
  (input) => {
    const arn = readFields(input, {}, (fields) => {
      fields.accept('clientToken');
      return fields.requiredText('executionArn');
    });
    const record = findExecution(tables, arn);
    const age = context.clock.nowMs() - (record.stopMs ?? 0);
    if (!REDRIVABLE.includes(record.status) || age > REDRIVE_WINDOW_MS) {
      throw new AwsError('ExecutionNotRedrivable', `Execution '${arn}' is ${record.status} and cannot be redriven`);
    }
    return { redriveDate: seconds(executions.redrive(record).redriveMs ?? 0) };
  };
