import { join } from 'node:path';
import type { LocalService, ServiceContext } from '../contracts.ts';
import type { TargetRegistry } from '../elbv2/target-registry.ts';
import { guardOperations } from '../iam/guard.ts';
import { openChildRegistry } from '../jobs/child-registry.ts';
import { type LocalImages, readLocalImages } from '../jobs/local-images.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { ecsAccess } from './access.ts';
import { ecsOperations } from './operations.ts';
import { openEcsTables } from './records.ts';
import { ecsResources } from './resources.ts';
import { createTaskRunner } from './run-task.ts';
import { createServiceBook } from './service-book.ts';
import { createServiceScheduler } from './service-scheduler.ts';
import { createTaskBook } from './task-book.ts';

export interface EcsOptions {
  /** Commands by image URI. @default the variable MILLRACE_LOCAL_IMAGES */
  readonly localImages?: LocalImages;
  /** Where the tasks of services are registered. */
  readonly targets: TargetRegistry;
}

/**
 * ECS on Fargate: services whose tasks are child processes of this machine, each with one container that takes its
 * port from the variable `PORT`. Tasks live in the machine's time; the clock is held while a service is on its way to
 * what is wanted of it. Tasks without a service, task sets and container instances are refused by name.
 */
export const createEcsService = (context: ServiceContext, { localImages, targets }: EcsOptions): LocalService => {
  const tables = openEcsTables(context);
  const children = openChildRegistry(join(context.store.folder, 'jobs', 'ecs'));
  const images = localImages ?? readLocalImages(process.env.MILLRACE_LOCAL_IMAGES);
  const tasks = createTaskBook(context, tables);
  const runner = createTaskRunner({ context, images, children });
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
    start: async () => {
      children.endLeftovers();
      scheduler.resume();
    },
    stop: () => scheduler.stop(),
  };
};
