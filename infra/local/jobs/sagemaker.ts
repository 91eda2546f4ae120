import { join } from 'node:path';
import type { LocalService, ServiceContext } from '../contracts.ts';
import { guardOperations } from '../iam/guard.ts';
import { createJsonHandler } from '../protocols/json.ts';
import { openChildRegistry } from './child-registry.ts';
import { jobWaitersOf } from './job-waiters.ts';
import { type LocalImages, readLocalImages } from './local-images.ts';
import { sageMakerAccess } from './sagemaker/access.ts';
import {
  createTrainingJob,
  describeTrainingJobOperation,
  listTrainingJobs,
  type SageMakerDeps,
  stopTrainingJob,
  takeUpJobs,
} from './sagemaker/operations.ts';
import { openTrainingJobs } from './sagemaker/records.ts';

export interface SageMakerOptions {
  /** Commands by image URI. Default: the variable MILLRACE_LOCAL_IMAGES. */
  readonly localImages?: LocalImages;
  /** Default: 120,000, as on AWS. */
  readonly stopGraceMs?: number;
  /** Takes spot instances away, so many milliseconds of the job's time after an attempt began. Default: never. */
  readonly interruptAfterMs?: (jobName: string, attempt: number) => number | undefined;
}

/** SageMaker's training jobs, as child processes. Everything else of SageMaker is refused by name. */
export const createSageMakerService = (context: ServiceContext, options: SageMakerOptions = {}): LocalService => {
  const deps: SageMakerDeps = {
    context,
    jobs: openTrainingJobs(context.store),
    waiters: jobWaitersOf(context.store),
    images: options.localImages ?? readLocalImages(process.env.MILLRACE_LOCAL_IMAGES),
    stopGraceMs: options.stopGraceMs ?? 120_000,
    interruptAfterMs: options.interruptAfterMs ?? (() => undefined),
    running: new Map(),
    children: openChildRegistry(join(context.store.folder, 'jobs', 'sagemaker')),
  };
  const guard = { access: context.access, service: 'sagemaker' };
  return {
    signingName: 'sagemaker',
    handle: createJsonHandler({
      targetPrefix: 'SageMaker',
      version: '1.1',
      operations: guardOperations(guard, sageMakerAccess(context), {
        CreateTrainingJob: createTrainingJob(deps),
        DescribeTrainingJob: describeTrainingJobOperation(deps),
        ListTrainingJobs: listTrainingJobs(deps),
        StopTrainingJob: stopTrainingJob(deps),
      }),
    }),
    resources: {},
    start: async () => {
      deps.children.endLeftovers();
      takeUpJobs(deps);
    },
    stop: async () => {
      const jobs = [...deps.running.values()];
      for (const job of jobs) job.stop('shutdown');
      await Promise.all(jobs.map((job) => job.done));
    },
  };
};
