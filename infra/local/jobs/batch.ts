import { join } from 'node:path';
import type { LocalService, ServiceContext } from '../contracts.ts';
import { guardRoutes } from '../iam/guard.ts';
import { createRestHandler } from '../protocols/rest.ts';
import { batchAccess } from './batch/access.ts';
import { type BatchDeps, describeJobs, endJob, listJobs, submitJob } from './batch/jobs.ts';
import { openBatchTables } from './batch/records.ts';
import {
  batchProviders,
  deregisterJobDefinition,
  describeComputeEnvironments,
  describeJobDefinitions,
  describeJobQueues,
  registerJobDefinition,
} from './batch/resources.ts';
import { createJobScheduler } from './batch/scheduler.ts';
import { transferImage } from './batch/transfer-image.ts';
import { openChildRegistry } from './child-registry.ts';
import { jobWaitersOf } from './job-waiters.ts';
import { type LocalImages, readLocalImages } from './local-images.ts';

export interface BatchOptions {
  /** Commands by image URI. Default: the variable MILLRACE_LOCAL_IMAGES. */
  readonly localImages?: LocalImages;
  /** Between SIGTERM and SIGKILL. Default: 30,000. */
  readonly stopGraceMs?: number;
}

/** AWS Batch: jobs of one or several containers as child processes. Arrays, nodes and Kubernetes are refused by name. */
export const createBatchService = (context: ServiceContext, options: BatchOptions = {}): LocalService => {
  const tables = openBatchTables(context.store);
  const children = openChildRegistry(join(context.store.folder, 'jobs', 'batch'));
  const scheduler = createJobScheduler({
    context,
    tables,
    waiters: jobWaitersOf(context.store),
    children,
    images: {
      ...transferImage(context.store),
      ...(options.localImages ?? readLocalImages(process.env.MILLRACE_LOCAL_IMAGES)),
    },
    ...(options.stopGraceMs === undefined ? {} : { stopGraceMs: options.stopGraceMs }),
  });
  const deps: BatchDeps = { context, tables, scheduler, newId: context.ids.uuid };
  return {
    signingName: 'batch',
    handle: createRestHandler({
      routes: guardRoutes({ access: context.access, service: 'batch' }, batchAccess(context), {
        'POST /v1/submitjob': submitJob(deps),
        'POST /v1/describejobs': describeJobs(deps),
        'POST /v1/listjobs': listJobs(deps),
        'POST /v1/terminatejob': endJob(deps, 'terminated'),
        'POST /v1/canceljob': endJob(deps, 'cancelled'),
        'POST /v1/describejobqueues': describeJobQueues(deps),
        'POST /v1/describecomputeenvironments': describeComputeEnvironments(deps),
        'POST /v1/describejobdefinitions': describeJobDefinitions(deps),
        'POST /v1/registerjobdefinition': registerJobDefinition(deps),
        'POST /v1/deregisterjobdefinition': deregisterJobDefinition(deps),
      }),
    }),
    resources: batchProviders(deps),
    start: async () => {
      children.endLeftovers();
      scheduler.resume();
    },
    stop: () => scheduler.stop(),
  };
};
