import type { EcsTables, Service, Task, TaskDefinition } from './records.ts';
import { isStopped, tasksOf } from './records.ts';

/** Records as the API tells them; instants are epoch seconds on the wire. */

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);

export const showDefinition = (definition: TaskDefinition) => ({
  ...definition.wire,
  taskDefinitionArn: definition.arn,
  family: definition.family,
  revision: definition.revision,
  status: definition.status,
  compatibilities: ['FARGATE'],
  registeredAt: seconds(definition.registeredAtMs),
});

const isRunning = ({ lastStatus }: Task): boolean => lastStatus === 'RUNNING';

const showDeployments = (service: Service, tasks: readonly Task[]) => {
  const { deployment, desiredCount } = service;
  const counts = (of: readonly Task[]) => ({
    runningCount: of.filter(isRunning).length,
    pendingCount: of.filter(({ lastStatus }) => lastStatus === 'PENDING').length,
  });
  const primary = {
    id: deployment.id,
    status: 'PRIMARY',
    taskDefinition: deployment.taskDefinitionArn,
    desiredCount,
    ...counts(tasks.filter(({ deploymentId }) => deploymentId === deployment.id)),
    failedTasks: deployment.failedTaskCount,
    createdAt: seconds(deployment.createdAtMs),
    updatedAt: seconds(deployment.updatedAtMs),
    launchType: 'FARGATE',
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
  const earlier = [...new Set(tasks.map(({ deploymentId }) => deploymentId))].filter((id) => id !== deployment.id);
  return [
    primary,
    ...earlier.map((id) => {
      const own = tasks.filter(({ deploymentId }) => deploymentId === id);
      const taskDefinition = own[0]?.taskDefinitionArn;
      return { id, status: 'ACTIVE', taskDefinition, desiredCount: 0, ...counts(own), launchType: 'FARGATE' };
    }),
  ];
};

export const showService = (tables: EcsTables, service: Service) => {
  const tasks = tasksOf(tables, service).filter((task) => !isStopped(task));
  return {
    ...service.wire,
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    status: service.status,
    taskDefinition: service.deployment.taskDefinitionArn,
    desiredCount: service.desiredCount,
    runningCount: tasks.filter(isRunning).length,
    pendingCount: tasks.filter(({ lastStatus }) => lastStatus === 'PENDING').length,
    deployments: showDeployments(service, tasks),
    events: [],
    createdAt: seconds(service.createdAtMs),
    launchType: 'FARGATE',
    schedulingStrategy: 'REPLICA',
  };
};

export const showTask = (task: Task, containerName: string) => ({
  taskArn: task.arn,
  clusterArn: task.clusterArn,
  taskDefinitionArn: task.taskDefinitionArn,
  group: `service:${task.serviceName}`,
  startedBy: task.deploymentId,
  lastStatus: task.lastStatus,
  desiredStatus: isStopped(task) ? 'STOPPED' : 'RUNNING',
  healthStatus: 'UNKNOWN',
  launchType: 'FARGATE',
  createdAt: seconds(task.createdAtMs),
  startedAt: seconds(task.startedAtMs),
  stoppedAt: seconds(task.stoppedAtMs),
  stopCode: task.stopCode,
  stoppedReason: task.stoppedReason,
  containers: [
    {
      name: containerName,
      taskArn: task.arn,
      lastStatus: task.lastStatus,
      exitCode: task.exitCode,
      networkBindings: [],
      networkInterfaces: task.port === undefined ? [] : [{ privateIpv4Address: '127.0.0.1' }],
    },
  ],
});
