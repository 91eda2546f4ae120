import { AwsError } from '../../contracts.ts';
import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { batchesOf } from '../map/map-run-record.ts';
import type { ExecutionRecord } from '../records.ts';
import { isExpired } from '../retention.ts';
import { type StatesDeps, seconds } from './deps.ts';
import { findExecution } from './find-execution.ts';
import { pageOf, readPage } from './pages.ts';

const REDRIVABLE: readonly string[] = ['FAILED', 'TIMED_OUT', 'ABORTED'];
/** AWS lets an execution be redriven for so long after it ended. */
const REDRIVE_WINDOW_MS = 14 * 86_400_000;
const REDRIVE_LIMIT = 1_000;

/** A child of a Map Run is redriven with it. */
const isRedrivable = (record: ExecutionRecord, nowMs: number): boolean =>
  REDRIVABLE.includes(record.status) &&
  nowMs - (record.stopMs ?? 0) <= REDRIVE_WINDOW_MS &&
  record.redriveCount < REDRIVE_LIMIT;

const redriveStatus = (record: ExecutionRecord, nowMs: number): Readonly<Record<string, string>> => {
  if (!isRedrivable(record, nowMs)) {
    const redriveStatusReason = `Execution is ${record.status} and cannot be redriven`;
    return { redriveStatus: 'NOT_REDRIVABLE', redriveStatusReason };
  }
  return { redriveStatus: record.mapRun === undefined ? 'REDRIVABLE' : 'REDRIVABLE_BY_MAP_RUN' };
};

export const stopExecution =
  ({ tables, executions, context }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, error, cause } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('executionArn'),
      error: fields.text('error'),
      cause: fields.text('cause'),
    }));
    findExecution(tables, arn, context.clock.nowMs());
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
  ...(record.mapRun === undefined ? {} : { mapRunArn: record.mapRun.arn, itemCount: record.mapRun.itemCount }),
});

export const describeExecution =
  ({ tables, context }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, withData } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('executionArn'),
      withData: fields.choice('includedData', ['ALL_DATA', 'METADATA_ONLY']) !== 'METADATA_ONLY',
    }));
    const record = findExecution(tables, arn, context.clock.nowMs());
    return {
      ...summary(record),
      ...(withData ? { input: record.input, inputDetails: { included: true } } : {}),
      ...(withData && record.output !== undefined ? { output: record.output, outputDetails: { included: true } } : {}),
      ...(record.error === undefined ? {} : { error: record.error }),
      ...(record.cause === undefined ? {} : { cause: record.cause }),
      ...(record.traceHeader === undefined ? {} : { traceHeader: record.traceHeader }),
      ...redriveStatus(record, context.clock.nowMs()),
    };
  };

interface ListRequest {
  readonly stateMachineArn?: string | undefined;
  readonly mapRunArn?: string | undefined;
}

/** The executions of a state machine, or the children of a Map Run. */
const listed = ({ tables, machines }: StatesDeps, request: ListRequest): readonly ExecutionRecord[] => {
  const { stateMachineArn, mapRunArn } = request;
  if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
    throw new AwsError('ValidationException', 'Exactly one of stateMachineArn and mapRunArn is required');
  }
  if (mapRunArn !== undefined) {
    if (!tables.mapRuns.get(mapRunArn)) throw new AwsError('ResourceNotFound', `Resource not found: '${mapRunArn}'`);
    return batchesOf(tables, mapRunArn).flatMap(({ execution }) => execution ?? []);
  }
  const arn = machines.get(stateMachineArn ?? '').arn;
  return tables.executions.entries(`${arn.replace(':stateMachine:', ':execution:')}:`).map(([, record]) => record);
};

export const listExecutions =
  (deps: StatesDeps): JsonOperation =>
  (input) => {
    const { status, redriven, page, ...request } = readFields(input, {}, (fields) => ({
      stateMachineArn: fields.text('stateMachineArn'),
      mapRunArn: fields.text('mapRunArn'),
      status: fields.choice('statusFilter', ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
      redriven: fields.choice('redriveFilter', ['REDRIVEN', 'NOT_REDRIVEN']),
      page: readPage(fields),
    }));
    const nowMs = deps.context.clock.nowMs();
    const matching = listed(deps, request)
      .filter((record) => !isExpired(record, nowMs))
      .filter((record) => status === undefined || record.status === status)
      .filter((record) => redriven === undefined || record.redriveCount > 0 === (redriven === 'REDRIVEN'))
      .sort((a, b) => b.startMs - a.startMs || (a.name < b.name ? -1 : 1));
    const { items, nextToken } = pageOf(matching, page);
    return { executions: items.map(summary), ...(nextToken === undefined ? {} : { nextToken }) };
  };

/** The same client token again gives the redrive that it made. */
export const redriveExecution =
  ({ tables, executions, context }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, token } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('executionArn'),
      token: fields.text('clientToken'),
    }));
    const nowMs = context.clock.nowMs();
    const record = findExecution(tables, arn, nowMs);
    if (token !== undefined && record.redriveToken === token) return { redriveDate: seconds(record.redriveMs ?? 0) };
    if (!isRedrivable(record, nowMs) || record.mapRun !== undefined) {
      throw new AwsError('ExecutionNotRedrivable', `Execution '${arn}' is ${record.status} and cannot be redriven`);
    }
    const { redriveToken: _earlier, ...plain } = record;
    const redriven = executions.redrive(token === undefined ? plain : { ...plain, redriveToken: token });
    return { redriveDate: seconds(redriven.redriveMs ?? 0) };
  };
