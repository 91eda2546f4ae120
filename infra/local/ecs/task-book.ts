import type { ServiceContext } from '../contracts.ts';
import { showTask } from './describe.ts';
import {
  arnOf,
  type EcsTables,
  isStopped,
  nameIn,
  requireDefinition,
  type Service,
  type Task,
  taskKey,
  tasksOf,
} from './records.ts';

/** The tasks of services, each change of which is told to EventBridge. */
export interface TaskBook {
  open(service: Service): Task;
  get(key: string): Task | undefined;
  change(key: string, next: Partial<Task>): Task | undefined;
  /** Those that have not stopped. */
  live(service: Service): readonly Task[];
}

/** ECS tells of a stopped task for about an hour. */
const TOLD_FOR_MS = 3_600_000;

export const createTaskBook = (context: ServiceContext, tables: EcsTables): TaskBook => {
  const { clock, ids, ports } = context;

  const announce = (task: Task): void => {
    const { container } = requireDefinition(tables, task.taskDefinitionArn);
    ports.putEvent({
      busName: 'default',
      source: 'aws.ecs',
      detailType: 'ECS Task State Change',
      resources: [task.arn],
      detail: showTask(task, container.name),
    });
  };

  const forgetOld = (service: Service): void => {
    const oldest = clock.nowMs() - TOLD_FOR_MS;
    for (const task of tasksOf(tables, service)) {
      if (isStopped(task) && (task.stoppedAtMs ?? 0) < oldest) tables.tasks.delete(taskKey(task.clusterArn, task.id));
    }
  };

  return {
    open: (service) => {
      forgetOld(service);
      const id = ids.uuid().replaceAll('-', '');
      const task: Task = {
        arn: arnOf(context, `task/${nameIn(service.clusterArn)}/${id}`),
        id,
        clusterArn: service.clusterArn,
        serviceName: service.name,
        deploymentId: service.deployment.id,
        taskDefinitionArn: service.deployment.taskDefinitionArn,
        lastStatus: 'PENDING',
        healthy: false,
        port: undefined,
        createdAtMs: clock.nowMs(),
      };
      tables.tasks.put(taskKey(service.clusterArn, id), task);
      announce(task);
      return task;
    },
    get: (key) => tables.tasks.get(key),
    change: (key, next) => {
      const standing = tables.tasks.get(key);
      if (standing === undefined || isStopped(standing)) return undefined;
      const changed: Task = { ...standing, ...next };
      tables.tasks.put(key, changed);
      if (changed.lastStatus !== standing.lastStatus) announce(changed);
      return changed;
    },
    live: (service) => tasksOf(tables, service).filter((task) => !isStopped(task)),
  };
};
