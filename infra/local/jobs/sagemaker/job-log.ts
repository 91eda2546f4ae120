import type { ServiceContext } from '../../contracts.ts';
import type { JobWaiters } from '../job-waiters.ts';
import { describeTrainingJob } from './describe.ts';
import { isOver, type TrainingJobRecord, type TrainingJobs } from './records.ts';

const LOG_GROUP = '/aws/sagemaker/TrainingJobs';

export interface JobLogDeps {
  readonly context: ServiceContext;
  readonly jobs: TrainingJobs;
  readonly waiters: JobWaiters;
}

/** Changes a job's record; a change of status is written into the transitions, published and told to who waits. */
export const changeJob = (
  { context, jobs, waiters }: JobLogDeps,
  name: string,
  change: Partial<TrainingJobRecord>,
  message = '',
): TrainingJobRecord => {
  const record = jobs.get(name);
  if (!record) throw new Error(`training job ${name} is gone`);
  const nowMs = context.clock.nowMs();
  const { secondaryStatus } = change;
  const moved = secondaryStatus !== undefined && secondaryStatus !== record.secondaryStatus;
  const ended = record.transitions.map((transition, i) =>
    i === record.transitions.length - 1 && moved ? { ...transition, endMs: nowMs } : transition,
  );
  const transitions = moved ? [...ended, { status: secondaryStatus, startMs: nowMs, message }] : record.transitions;
  const next: TrainingJobRecord = { ...record, ...change, transitions, modifiedMs: nowMs };
  jobs.put(name, next);
  if (!moved) return next;
  context.ports.putEvent({
    busName: 'default',
    source: 'aws.sagemaker',
    detailType: 'SageMaker Training Job State Change',
    resources: [next.arn],
    detail: describeTrainingJob(next, (ms) => ms),
  });
  if (isOver(next.status)) waiters.ended('sagemaker', name);
  return next;
};

/** Takes a line of the program: into the log, and its numbers into metrics. @returns the metrics found. */
export const takeLine = (
  { context }: JobLogDeps,
  record: TrainingJobRecord,
  line: string,
): readonly (readonly [name: string, value: number])[] => {
  const { ports, clock } = context;
  const { name, metricDefinitions } = record.request;
  const atMs = clock.nowMs();
  ports.putLogLine({ logGroup: LOG_GROUP, logStream: `${name}/algo-1-${record.createdMs}`, atMs, message: line });
  const found: (readonly [string, number])[] = [];
  for (const definition of metricDefinitions) {
    const value = Number(new RegExp(definition.regex).exec(line)?.[1] ?? Number.NaN);
    if (Number.isNaN(value)) continue;
    found.push([definition.name, value]);
    ports.putMetric({
      namespace: LOG_GROUP,
      name: definition.name,
      dimensions: { TrainingJobName: name },
      value,
      atMs,
    });
  }
  return found;
};
