/** Permissions that the platform needs on AWS and nothing here can use, each with the reason. No other may be unused. */
const EXEMPT: readonly { readonly role: RegExp; readonly action: RegExp; readonly reason: string }[] = [
  { role: /./, action: /^logs:/, reason: 'Log delivery is written by the cloud itself here, not by roles' },
  { role: /./, action: /^xray:/, reason: 'There is no tracing here' },
  { role: /./, action: /^ecr:/, reason: 'Images are not pulled here: commands of this machine stand for them' },
  {
    role: /TrainingRole|JobRole/,
    action: /^s3:AbortMultipartUpload$/,
    reason: 'SageMaker and the AWS CLI abort an upload in parts that breaks; what stands for them uploads in one',
  },
  {
    role: /TrainingRole/,
    action: /^kms:DescribeKey$/,
    reason: 'SageMaker looks at the key of its outputs before it uses it',
  },
  {
    role: /(Pipeline|Reproduction)Role/,
    action: /^(sagemaker:StopTrainingJob|batch:TerminateJob)$/,
    reason: 'Step Functions stops a job whose execution ends before it; in the drill a job takes no virtual time',
  },
  {
    role: /BatchScoringRole/,
    action: /^states:(Start|Describe|Stop|Redrive)Execution$/,
    reason: 'A Distributed Map runs its children by the role of their parent on AWS; here they need no call',
  },
];

/** Why a permission may be without a use; undefined when it may not. */
export const exemption = (logicalId: string, action: string): string | undefined =>
  EXEMPT.find((one) => one.role.test(logicalId) && one.action.test(action))?.reason;
