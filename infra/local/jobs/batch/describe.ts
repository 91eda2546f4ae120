import type { ContainerResult, ContainerSpec, JobRecord } from './records.ts';

const list = (record: Readonly<Record<string, string>>, key: string): readonly unknown[] =>
  Object.entries(record).map(([name, value]) => ({ [key]: name, value }));

const describeContainer = (
  container: ContainerSpec,
  result: ContainerResult | undefined,
): Readonly<Record<string, unknown>> => ({
  image: container.image,
  command: container.command,
  environment: list(container.environment, 'name'),
  resourceRequirements: list(container.resources, 'type'),
  mountPoints: container.mounts.map(({ containerPath, volume }) => ({ containerPath, sourceVolume: volume })),
  ...(result === undefined ? {} : { logStreamName: result.logStreamName }),
  ...(result?.exitCode === undefined ? {} : { exitCode: result.exitCode }),
  ...(result?.reason === undefined ? {} : { reason: result.reason }),
});

const describeContainers = (job: JobRecord): Readonly<Record<string, unknown>> => {
  const newest = job.attempts.at(-1)?.containers ?? [];
  const resultOf = (name: string): ContainerResult | undefined => newest.find((result) => result.name === name);
  const volumes = job.spec.volumes.map((name) => ({ name }));
  const role = job.spec.roleArn;
  if (!job.spec.multi) {
    const container = job.spec.containers[0];
    if (!container) return {};
    const described = describeContainer(container, resultOf(container.name));
    return { container: { ...described, volumes, ...(role === undefined ? {} : { jobRoleArn: role }) } };
  }
  const containers = job.spec.containers.map((container) => ({
    name: container.name,
    essential: container.essential,
    dependsOn: container.dependsOn,
    ...describeContainer(container, resultOf(container.name)),
  }));
  return {
    ecsProperties: { taskProperties: [{ containers, volumes, ...(role === undefined ? {} : { taskRoleArn: role }) }] },
  };
};

const describeAttempts = (job: JobRecord): readonly unknown[] =>
  job.attempts.map(({ containers, startedMs, stoppedMs, statusReason }) => {
    const results = containers.map(({ name, ...result }) => (job.spec.multi ? { name, ...result } : result));
    return {
      startedAt: startedMs,
      stoppedAt: stoppedMs,
      statusReason,
      ...(job.spec.multi ? { taskProperties: [{ containers: results }] } : { container: results[0] ?? {} }),
    };
  });

/** A job as DescribeJobs and its events show it. Instants are epoch milliseconds, on the wire too. */
export const describeJob = (job: JobRecord): Readonly<Record<string, unknown>> => ({
  jobArn: job.arn,
  jobName: job.name,
  jobId: job.id,
  jobQueue: job.queueArn,
  status: job.status,
  ...(job.statusReason === undefined ? {} : { statusReason: job.statusReason }),
  attempts: describeAttempts(job),
  createdAt: job.createdMs,
  retryStrategy: { attempts: job.spec.attempts, evaluateOnExit: job.spec.exitRules },
  ...(job.startedMs === undefined ? {} : { startedAt: job.startedMs }),
  ...(job.stoppedMs === undefined ? {} : { stoppedAt: job.stoppedMs }),
  dependsOn: job.dependsOn.map((jobId) => ({ jobId })),
  jobDefinition: job.definitionArn,
  parameters: job.spec.parameters,
  ...(job.spec.timeoutSeconds === undefined ? {} : { timeout: { attemptDurationSeconds: job.spec.timeoutSeconds } }),
  tags: job.tags,
  isCancelled: job.cancelled,
  isTerminated: job.terminated,
  ...describeContainers(job),
});
