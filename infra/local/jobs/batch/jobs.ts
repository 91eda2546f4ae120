import { AwsError, type ServiceContext } from '../../contracts.ts';
import { readFields } from '../../protocols/fields.ts';
import type { RestOperation } from '../../protocols/rest.ts';
import { SUBMISSION_TAG } from '../job-waiters.ts';
import { describeJob } from './describe.ts';
import { readSubmission } from './read-submission.ts';
import type { BatchTables, JobDefinitionRecord, JobRecord, StoredResource } from './records.ts';
import type { JobScheduler } from './scheduler.ts';

export interface BatchDeps {
  readonly context: ServiceContext;
  readonly tables: BatchTables;
  readonly scheduler: JobScheduler;
  readonly newId: () => string;
}

const fault = (why: string): AwsError => new AwsError('ClientException', why);

const findQueue = ({ tables }: BatchDeps, nameOrArn: string): StoredResource => {
  const found = tables.queues.entries().find(([, queue]) => queue.arn === nameOrArn || queue.name === nameOrArn)?.[1];
  if (!found) throw fault(`Job queue ${nameOrArn} not found`);
  return found;
};

/** By ARN, `name:revision`, or name for the newest active revision. */
export const findDefinition = (tables: BatchTables, named: string): JobDefinitionRecord => {
  const name = named.startsWith('arn:') ? (named.split('/').at(-1) ?? '') : named;
  const matching = tables.definitions
    .entries()
    .map(([, definition]) => definition)
    .filter((definition) => definition.name === name || `${definition.name}:${definition.revision}` === name)
    .filter((definition) => definition.status === 'ACTIVE')
    .sort((a, b) => b.revision - a.revision);
  const newest = matching[0];
  if (!newest) throw fault(`JobDefinition ${named} not found or not active`);
  return newest;
};

/** The job that the same attempt of a workflow submitted before a kill. */
const findTwin = ({ jobs }: BatchTables, mark: string | undefined): JobRecord | undefined =>
  mark === undefined ? undefined : jobs.entries().find(([, job]) => job.tags[SUBMISSION_TAG] === mark)?.[1];

export const submitJob =
  (deps: BatchDeps): RestOperation =>
  async (call) => {
    const submission = readSubmission(await call.json());
    const { context, tables, scheduler, newId } = deps;
    const { jobName, dependsOn, tags } = submission;
    if (!/^[A-Za-z0-9][\w-]{0,127}$/.test(jobName))
      throw fault(`Job name must match [A-Za-z0-9][A-Za-z0-9_-]*, got ${jobName}`);
    const twin = findTwin(tables, tags[SUBMISSION_TAG]);
    if (twin) return { jobArn: twin.arn, jobName: twin.name, jobId: twin.id };
    const queue = findQueue(deps, submission.jobQueue);
    if (!queue.enabled) throw fault(`Job queue ${queue.name} is DISABLED`);
    const definition = findDefinition(tables, submission.jobDefinition);
    for (const id of dependsOn)
      if (!tables.jobs.get(id)) throw fault(`job ${id} that ${jobName} depends on does not exist`);
    const id = newId();
    const job: JobRecord = {
      arn: `arn:aws:batch:${context.region}:${context.accountId}:job/${id}`,
      id,
      name: jobName,
      queueArn: queue.arn,
      definitionArn: definition.arn,
      spec: submission.apply(definition.spec),
      dependsOn,
      status: 'SUBMITTED',
      createdMs: context.clock.nowMs(),
      attempts: [],
      cancelled: false,
      terminated: false,
      tags,
    };
    scheduler.submit(job);
    return { jobArn: job.arn, jobName, jobId: id };
  };

export const describeJobs =
  ({ tables }: BatchDeps): RestOperation =>
  async (call) => {
    const ids = readFields(await call.json(), { code: 'ClientException' }, (fields) => fields.texts('jobs') ?? []);
    const found = ids.flatMap((id) => tables.jobs.get(id.split('/').at(-1) ?? '') ?? []);
    return { jobs: found.map(describeJob) };
  };

export const listJobs =
  (deps: BatchDeps): RestOperation =>
  async (call) => {
    const query = readFields(await call.json(), { code: 'ClientException' }, (fields) => ({
      queueName: fields.requiredText('jobQueue'),
      status:
        fields.choice('jobStatus', [
          'SUBMITTED',
          'PENDING',
          'RUNNABLE',
          'STARTING',
          'RUNNING',
          'SUCCEEDED',
          'FAILED',
        ]) ?? 'RUNNING',
      limit: fields.integer('maxResults', { min: 1, max: 100 }) ?? 100,
      offset: Number(fields.text('nextToken') ?? 0),
    }));
    const queue = findQueue(deps, query.queueName);
    if (!Number.isInteger(query.offset) || query.offset < 0) throw fault('nextToken is not valid');
    const matching = deps.tables.jobs
      .entries()
      .map(([, job]) => job)
      .filter((job) => job.queueArn === queue.arn && job.status === query.status)
      .sort((a, b) => b.createdMs - a.createdMs);
    const end = query.offset + query.limit;
    return {
      jobSummaryList: matching.slice(query.offset, end).map((job) => ({
        jobArn: job.arn,
        jobId: job.id,
        jobName: job.name,
        jobDefinition: job.definitionArn,
        status: job.status,
        createdAt: job.createdMs,
        ...(job.statusReason === undefined ? {} : { statusReason: job.statusReason }),
        ...(job.startedMs === undefined ? {} : { startedAt: job.startedMs }),
        ...(job.stoppedMs === undefined ? {} : { stoppedAt: job.stoppedMs }),
      })),
      ...(end < matching.length ? { nextToken: String(end) } : {}),
    };
  };

/** TerminateJob and CancelJob: fine for a job that has ended. */
export const endJob =
  ({ tables, scheduler }: BatchDeps, how: 'cancelled' | 'terminated'): RestOperation =>
  async (call) => {
    const { id, reason } = readFields(await call.json(), { code: 'ClientException' }, (fields) => ({
      id: fields.requiredText('jobId'),
      reason: fields.requiredText('reason'),
    }));
    if (!tables.jobs.get(id)) throw fault(`job ${id} does not exist`);
    scheduler.end(id, reason, how);
    return {};
  };
