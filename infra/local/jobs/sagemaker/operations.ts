import { AwsError } from '../../contracts.ts';
import { readFields } from '../../protocols/fields.ts';
import type { JsonOperation } from '../../protocols/json.ts';
import { SUBMISSION_TAG } from '../job-waiters.ts';
import { requireJobRole } from './access.ts';
import { describeTrainingJob } from './describe.ts';
import { changeJob } from './job-log.ts';
import { readTrainingRequest } from './read-request.ts';
import { isOver, type TrainingJobRecord } from './records.ts';
import { LOST_REASON, type RunningJob, runTrainingJob, type TrainingDeps } from './run-training-job.ts';

export interface SageMakerDeps extends TrainingDeps {
  readonly running: Map<string, RunningJob>;
}

const PAGE = 100;

const find = ({ jobs }: SageMakerDeps, name: string): TrainingJobRecord => {
  const record = jobs.get(name);
  // SageMaker says so by a validation error, not by ResourceNotFound.
  if (!record) throw new AwsError('ValidationException', 'Requested resource not found.');
  return record;
};

const launch = (deps: SageMakerDeps, record: TrainingJobRecord): void => {
  const { name } = record.request;
  const job = runTrainingJob(deps, record);
  deps.running.set(name, job);
  void job.done.finally(() => deps.running.delete(name));
};

/**
 * Takes up the jobs that an earlier process left behind. Their instance is gone: a spot job starts again from its
 * checkpoints, as after any interruption; another fails, as on AWS when an instance is lost.
 */
export const takeUpJobs = (deps: SageMakerDeps): void => {
  for (const [name, record] of deps.jobs.entries()) {
    if (isOver(record.status) || deps.running.has(name)) continue;
    const trainingEndMs = deps.context.clock.nowMs();
    if (record.status === 'Stopping') {
      changeJob(deps, name, { status: 'Stopped', secondaryStatus: 'Stopped', trainingEndMs }, 'Training job stopped');
    } else if (record.request.spot) {
      changeJob(deps, name, { secondaryStatus: 'Interrupted' }, LOST_REASON);
      const message = 'Starting again from the checkpoints.';
      launch(deps, changeJob(deps, name, { secondaryStatus: 'Restarting' }, message));
    } else {
      const change = { status: 'Failed', secondaryStatus: 'Failed', failureReason: LOST_REASON } as const;
      changeJob(deps, name, { ...change, trainingEndMs }, LOST_REASON);
    }
  }
};

/** Says which attempt of a workflow submits the job. */
const submissionMark = ({ Tags }: Readonly<Record<string, unknown>>): string | undefined =>
  (Array.isArray(Tags) ? (Tags as readonly { readonly Key?: string; readonly Value?: string }[]) : []).find(
    ({ Key }) => Key === SUBMISSION_TAG,
  )?.Value;

export const createTrainingJob =
  (deps: SageMakerDeps): JsonOperation =>
  (input) => {
    const request = readTrainingRequest(input);
    requireJobRole(deps.context.access, request.roleArn);
    const { context, jobs } = deps;
    const arn = `arn:aws:sagemaker:${context.region}:${context.accountId}:training-job/${request.name}`;
    const known = jobs.get(request.name);
    if (known) {
      const mark = submissionMark(input);
      if (mark !== undefined && mark === submissionMark(known.wire)) return { TrainingJobArn: arn };
      throw new AwsError(
        'ResourceInUse',
        `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
      );
    }
    const nowMs = context.clock.nowMs();
    const record: TrainingJobRecord = {
      arn,
      request,
      wire: input,
      status: 'InProgress',
      secondaryStatus: 'Pending',
      transitions: [],
      createdMs: nowMs,
      modifiedMs: nowMs,
      finalMetrics: {},
    };
    jobs.put(request.name, record);
    launch(deps, record);
    return { TrainingJobArn: arn };
  };

export const describeTrainingJobOperation =
  (deps: SageMakerDeps): JsonOperation =>
  (input) =>
    describeTrainingJob(
      find(
        deps,
        readFields(input, {}, (fields) => fields.requiredText('TrainingJobName')),
      ),
      (ms) => ms / 1000,
    );

export const stopTrainingJob =
  (deps: SageMakerDeps): JsonOperation =>
  (input) => {
    const record = find(
      deps,
      readFields(input, {}, (fields) => fields.requiredText('TrainingJobName')),
    );
    const { name } = record.request;
    if (isOver(record.status)) {
      throw new AwsError(
        'ValidationException',
        `The request was rejected because the training job is in status ${record.status}.`,
      );
    }
    changeJob(deps, name, { status: 'Stopping', secondaryStatus: 'Stopping' }, 'Stopping the training job');
    deps.running.get(name)?.stop('stopped');
    return {};
  };

export const listTrainingJobs =
  ({ jobs }: SageMakerDeps): JsonOperation =>
  (input) => {
    const query = readFields(input, {}, (fields) => ({
      limit: fields.integer('MaxResults', { min: 1, max: 100 }) ?? 10,
      offset: Number(fields.text('NextToken') ?? 0),
      nameContains: fields.text('NameContains') ?? '',
      status: fields.choice('StatusEquals', ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped']),
      after: fields.instant('CreationTimeAfter') ?? Number.NEGATIVE_INFINITY,
      before: fields.instant('CreationTimeBefore') ?? Number.POSITIVE_INFINITY,
      ascending: fields.choice('SortOrder', ['Ascending', 'Descending']) === 'Ascending',
      sortBy: fields.choice('SortBy', ['CreationTime', 'Name', 'Status']) ?? 'CreationTime',
    }));
    if (!Number.isInteger(query.offset) || query.offset < 0)
      throw new AwsError('ValidationException', 'NextToken is not valid');
    const key = (record: TrainingJobRecord): string | number => {
      if (query.sortBy === 'Name') return record.request.name;
      return query.sortBy === 'Status' ? record.status : record.createdMs;
    };
    const sign = query.ascending ? 1 : -1;
    const matching = jobs
      .entries()
      .map(([, record]) => record)
      .filter((record) => record.request.name.includes(query.nameContains))
      .filter((record) => query.status === undefined || record.status === query.status)
      .filter((record) => record.createdMs > query.after && record.createdMs < query.before)
      .sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
    const end = query.offset + Math.min(query.limit, PAGE);
    return {
      TrainingJobSummaries: matching.slice(query.offset, end).map((record) => ({
        TrainingJobName: record.request.name,
        TrainingJobArn: record.arn,
        TrainingJobStatus: record.status,
        SecondaryStatus: record.secondaryStatus,
        CreationTime: record.createdMs / 1000,
        LastModifiedTime: record.modifiedMs / 1000,
        ...(record.trainingEndMs === undefined ? {} : { TrainingEndTime: record.trainingEndMs / 1000 }),
      })),
      ...(end < matching.length ? { NextToken: String(end) } : {}),
    };
  };
