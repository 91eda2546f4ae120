import { AwsError } from '../../contracts.ts';
import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { countMapRun } from '../map/map-run-record.ts';
import type { MapRunRecord } from '../records.ts';
import { type StatesDeps, seconds } from './deps.ts';
import { findExecution } from './find-execution.ts';
import { pageOf, readPage } from './pages.ts';

const findMapRun = ({ tables }: StatesDeps, arn: string): MapRunRecord => {
  if (!/^arn:aws:states:[a-z0-9-]+:\d{12}:mapRun:[^:]+\/[^:]+:[^:]+$/.test(arn)) {
    throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${arn}'`);
  }
  const run = tables.mapRuns.get(arn);
  if (!run) throw new AwsError('ResourceNotFound', `Resource not found: '${arn}'`);
  return run;
};

export const describeMapRun =
  (deps: StatesDeps): JsonOperation =>
  (input) => {
    const run = findMapRun(
      deps,
      readFields(input, {}, (fields) => fields.requiredText('mapRunArn')),
    );
    return {
      mapRunArn: run.arn,
      executionArn: run.executionArn,
      status: run.status,
      startDate: seconds(run.startMs),
      ...(run.stopMs === undefined ? {} : { stopDate: seconds(run.stopMs) }),
      maxConcurrency: run.maxConcurrency,
      toleratedFailureCount: run.toleratedFailureCount ?? 0,
      toleratedFailurePercentage: run.toleratedFailurePercentage ?? 0,
      ...countMapRun(deps.tables, run),
      redriveCount: run.redriveCount,
      ...(run.redriveMs === undefined ? {} : { redriveDate: seconds(run.redriveMs) }),
    };
  };

export const listMapRuns =
  ({ tables, context }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, page } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('executionArn'),
      page: readPage(fields),
    }));
    const execution = findExecution(tables, arn, context.clock.nowMs());
    const runs = (execution.mapRunArns ?? [])
      .flatMap((mapRunArn) => tables.mapRuns.get(mapRunArn) ?? [])
      .map((run) => ({
        executionArn: run.executionArn,
        mapRunArn: run.arn,
        stateMachineArn: run.stateMachineArn,
        startDate: seconds(run.startMs),
        ...(run.stopMs === undefined ? {} : { stopDate: seconds(run.stopMs) }),
      }));
    const { items, nextToken } = pageOf(runs.toReversed(), page);
    return { mapRuns: items, ...(nextToken === undefined ? {} : { nextToken }) };
  };

/** Changes the limits of a Map Run under way: children that run go on, the next are started by the new limits. */
export const updateMapRun =
  (deps: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, ...limits } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('mapRunArn'),
      maxConcurrency: fields.integer('maxConcurrency', { min: 0, max: 10_000 }),
      toleratedFailureCount: fields.integer('toleratedFailureCount', { min: 0, max: 10_000_000 }),
      toleratedFailurePercentage: fields.number('toleratedFailurePercentage'),
    }));
    const run = findMapRun(deps, arn);
    const given = Object.entries(limits).filter(([, value]) => value !== undefined);
    const percentage = limits.toleratedFailurePercentage ?? 0;
    if (given.length === 0 || percentage < 0 || percentage > 100) {
      throw new AwsError('ValidationException', 'a limit is required, and a percentage must lie in [0, 100]');
    }
    if (run.status !== 'RUNNING') throw new AwsError('ValidationException', `Map Run is not running: '${arn}'`);
    deps.tables.mapRuns.put(arn, { ...run, ...Object.fromEntries(given) });
    deps.mapRunChanged(arn);
    return {};
  };
