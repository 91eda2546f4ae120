import type { CloudIdentity } from '../../contracts.ts';
import type { AccessRules, Need, RestInput } from '../../iam/guard.ts';
import { textOf } from '../../iam/guard.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbatch.html */
export const batchAccess = ({ partition, region, accountId }: CloudIdentity): AccessRules<RestInput> => {
  const arnOf = (kind: string, given: string): string =>
    given.startsWith('arn:') ? given : `arn:${partition}:batch:${region}:${accountId}:${kind}/${given}`;
  const onJob =
    (action: string) =>
    ({ body }: RestInput): readonly Need[] => [
      { action: `batch:${action}`, resource: arnOf('job', textOf(body, 'jobId')) },
    ];
  const everywhere = (action: string) => (): readonly Need[] => [{ action: `batch:${action}`, resource: '*' }];
  return {
    'POST /v1/submitjob': ({ body }) => [
      { action: 'batch:SubmitJob', resource: arnOf('job-queue', textOf(body, 'jobQueue')) },
      { action: 'batch:SubmitJob', resource: arnOf('job-definition', textOf(body, 'jobDefinition')) },
      // Tags of AWS's own services need no permission of the caller.
      ...(Object.keys((body.tags ?? {}) as object).every((name) => name.startsWith('aws:'))
        ? []
        : [{ action: 'batch:TagResource', resource: arnOf('job', '*') }]),
    ],
    'POST /v1/describejobs': everywhere('DescribeJobs'),
    'POST /v1/listjobs': everywhere('ListJobs'),
    'POST /v1/terminatejob': onJob('TerminateJob'),
    'POST /v1/canceljob': onJob('CancelJob'),
    'POST /v1/describejobqueues': everywhere('DescribeJobQueues'),
    'POST /v1/describecomputeenvironments': everywhere('DescribeComputeEnvironments'),
    'POST /v1/describejobdefinitions': everywhere('DescribeJobDefinitions'),
    'POST /v1/registerjobdefinition': everywhere('RegisterJobDefinition'),
    'POST /v1/deregisterjobdefinition': everywhere('DeregisterJobDefinition'),
  };
};
