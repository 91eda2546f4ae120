import { AwsError } from '../../contracts.ts';
import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { type StatesDeps, seconds } from './deps.ts';
import { pageOf, readPage } from './pages.ts';

export const describeMapRun =
  ({ tables }: StatesDeps): JsonOperation =>
  (input) => {
    const arn = readFields(input, {}, (fields) => fields.requiredText('mapRunArn'));
    const run = tables.mapRuns.get(arn);
    if (!run) throw new AwsError('ResourceNotFound', `Resource not found: '${arn}'`);
    return {
      mapRunArn: run.arn,
      executionArn: run.executionArn,
      status: run.status,
      startDate: seconds(run.startMs),
      ...(run.stopMs === undefined ? {} : { stopDate: seconds(run.stopMs) }),
      maxConcurrency: run.maxConcurrency,
      toleratedFailureCount: run.toleratedFailureCount,
      toleratedFailurePercentage: run.toleratedFailurePercentage,
      itemCounts: run.itemCounts,
      executionCounts: run.executionCounts,
    };
  };

export const listMapRuns =
  ({ tables }: StatesDeps): JsonOperation =>
  (input) => {
    const { arn, page } = readFields(input, {}, (fields) => ({
      arn: fields.requiredText('executionArn'),
      page: readPage(fields),
    }));
    const runs = tables.mapRuns
      .entries()
      .filter(([, run]) => run.executionArn === arn)
      .map(([, run]) => ({
        executionArn: run.executionArn,
        mapRunArn: run.arn,
        stateMachineArn: run.stateMachineArn,
        startDate: seconds(run.startMs),
        ...(run.stopMs === undefined ? {} : { stopDate: seconds(run.stopMs) }),
      }));
    const { items, nextToken } = pageOf(runs, page);
    return { mapRuns: items, ...(nextToken === undefined ? {} : { nextToken }) };
  };
