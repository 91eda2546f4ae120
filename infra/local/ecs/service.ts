import { join } from 'node:path';
import type { LocalService, ServiceContext } from '../contracts.ts';
import type { TargetRegistry } from '../elbv2/target-registry.ts';
import { guardOperations } from '../iam/guard.ts';
import { openChildRegistry } from '../jobs/child-registry.ts';
import { type LocalImages, readLocalImages } from '../jobs/local-images.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { ecsAccess } from './access.ts';
import { ecsOperations } from './operations.ts';
import { openEcsTables, requireDefinition } from './records.ts';
import { ecsResources } from './resources.ts';
import { createTaskRunner } from './run-task.ts';
import { createServiceBook } from './service-book.ts';
import { createServiceCapacity, type ServiceCapacity } from './service-capacity.ts';
import { createServiceScheduler } from './service-scheduler.ts';
import { createTaskBook } from './task-book.ts';
import { createTaskMetadata } from './task-metadata.ts';
import { createTaskTime } from './task-time.ts';

export interface EcsOptions {
  /** Commands by image URI. @default the variable MILLRACE_LOCAL_IMAGES */
  readonly localImages?: LocalImages;
  /** Where the tasks of services are registered. */
  readonly targets: TargetRegistry;
}

export interface EcsService extends LocalService {
  readonly capacity: ServiceCapacity;
}

/**
 * ECS on Fargate: services whose tasks are child processes of this machine, each with one container that takes its
 * port from the variable `PORT`. Tasks start, drain and end in the machine's time; the clock is held while a service is on its way to
 * what is wanted of it. Tasks without a service, task sets and container instances are refused by name.
 */
export const createEcsService = (context: ServiceContext, { localImages, targets }: EcsOptions): EcsService => {
  const tables = openEcsTables(context);
  const children = openChildRegistry(join(context.store.folder, 'jobs', 'ecs'));
  const images = localImages ?? readLocalImages(process.env.MILLRACE_LOCAL_IMAGES);
  const tasks = createTaskBook(context, tables);
  const time = createTaskTime(context);
  targets.beforeAsking(time.tell);
  const metadata = createTaskMetadata((taskId) => {
    const [, task] = tables.tasks.entries().find(([, { id }]) => id === taskId) ?? [];
    return task && { task, definition: requireDefinition(tables, task.taskDefinitionArn) };
  });
  const runner = createTaskRunner({ context, images, children, metadata, time });
  const scheduler = createServiceScheduler({ context, tables, tasks, runner, targets });
  const services = createServiceBook(context, tables, scheduler.converge);
  const guard = { access: context.access, service: 'ecs' };
  const operations = ecsOperations({ context, tables, services, scheduler });
  return {
    signingName: 'ecs',
    handle: createJsonHandler({
      targetPrefix: 'AmazonEC2ContainerServiceV20141113',
      version: '1.1',
      operations: guardOperations(guard, ecsAccess(context), operations),
    }),
    resources: ecsResources(context, tables, services),
    capacity: createServiceCapacity(tables, services),
    start: async () => {
      children.endLeftovers();
      scheduler.resume();
    },
    stop: async () => {
      await scheduler.stop();
      await metadata.stop();
    },
  };
};
