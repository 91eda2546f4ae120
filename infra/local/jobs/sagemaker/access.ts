import { type AccessControl, AwsError, type CloudIdentity } from '../../contracts.ts';
import { type AccessRules, type Input, type Need, objectsOf, requireAll, textOf } from '../../iam/guard.ts';
import { requireTrust } from '../../iam/require-trust.ts';
import type { TrainingJobRecord } from './records.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html */
export const sageMakerAccess = ({ partition, region, accountId }: CloudIdentity): AccessRules => {
  const onJob = (action: string, input: Input): Need => ({
    action: `sagemaker:${action}`,
    resource: `arn:${partition}:sagemaker:${region}:${accountId}:training-job/${textOf(input, 'TrainingJobName')}`,
  });
  return {
    CreateTrainingJob: (input) => [
      onJob('CreateTrainingJob', input),
      // Tags at creation are a permission of their own.
      ...(objectsOf(input, 'Tags').length === 0 ? [] : [onJob('AddTags', input)]),
      {
        action: 'iam:PassRole',
        resource: textOf(input, 'RoleArn') || '*',
        conditions: { 'iam:PassedToService': 'sagemaker.amazonaws.com' },
      },
    ],
    DescribeTrainingJob: (input) => [onJob('DescribeTrainingJob', input)],
    ListTrainingJobs: () => [{ action: 'sagemaker:ListTrainingJobs', resource: '*' }],
    StopTrainingJob: (input) => [onJob('StopTrainingJob', input)],
  };
};

const SERVICE = 'sagemaker.amazonaws.com';

/** @throws AwsError ValidationException for a role that does not trust SageMaker */
export const requireJobRole = (access: AccessControl, roleArn: string): void =>
  requireTrust(access, {
    arn: roleArn,
    service: SERVICE,
    refusal: new AwsError(
      'ValidationException',
      `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal '${SERVICE}' to assume the role.`,
    ),
  });

/**
 * What a job's role needs before the program runs: the key of its outputs, and the namespace of its metrics. Data and
 * outputs themselves are asked for by S3.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createtrainingjob-perms
 * @throws AwsError AccessDeniedException
 */
export const requireRunning = (
  { access }: { readonly access: AccessControl },
  { arn, request, wire }: TrainingJobRecord,
): void => {
  const output = wire.OutputDataConfig;
  const keyArn = typeof output === 'object' && output !== null ? textOf(output as Input, 'KmsKeyId') : '';
  const needs: readonly Need[] = [
    ...(keyArn === '' ? [] : [{ action: 'kms:Encrypt', resource: keyArn }]),
    {
      action: 'cloudwatch:PutMetricData',
      resource: '*',
      conditions: { 'cloudwatch:namespace': '/aws/sagemaker/TrainingJobs' },
    },
  ];
  requireAll({ access, service: 'sagemaker' }, { service: SERVICE, sourceArn: arn, roleArn: request.roleArn }, needs);
};
