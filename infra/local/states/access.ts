import { type AccessControl, AwsError, type CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';
import { requireTrust } from '../iam/require-trust.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html */
export const statesAccess = ({ partition, region, accountId }: CloudIdentity): AccessRules => {
  const on =
    (action: string, member: string) =>
    (input: Input): readonly Need[] => [{ action: `states:${action}`, resource: textOf(input, member) || '*' }];
  const everywhere = (action: string) => (): readonly Need[] => [{ action: `states:${action}`, resource: '*' }];
  const passRole = (input: Input): readonly Need[] => {
    const roleArn = textOf(input, 'roleArn');
    if (roleArn === '') return [];
    return [
      { action: 'iam:PassRole', resource: roleArn, conditions: { 'iam:PassedToService': 'states.amazonaws.com' } },
    ];
  };
  return {
    CreateStateMachine: (input) => [
      {
        action: 'states:CreateStateMachine',
        resource: `arn:${partition}:states:${region}:${accountId}:stateMachine:${textOf(input, 'name')}`,
      },
      ...passRole(input),
    ],
    DeleteStateMachine: on('DeleteStateMachine', 'stateMachineArn'),
    DescribeExecution: on('DescribeExecution', 'executionArn'),
    DescribeMapRun: on('DescribeMapRun', 'mapRunArn'),
    DescribeStateMachine: on('DescribeStateMachine', 'stateMachineArn'),
    DescribeStateMachineForExecution: on('DescribeStateMachineForExecution', 'executionArn'),
    GetExecutionHistory: on('GetExecutionHistory', 'executionArn'),
    ListExecutions: (input) =>
      on('ListExecutions', textOf(input, 'mapRunArn') === '' ? 'stateMachineArn' : 'mapRunArn')(input),
    ListMapRuns: on('ListMapRuns', 'executionArn'),
    ListStateMachines: everywhere('ListStateMachines'),
    ListTagsForResource: on('ListTagsForResource', 'resourceArn'),
    RedriveExecution: on('RedriveExecution', 'executionArn'),
    // A token does not tell its state machine.
    SendTaskFailure: everywhere('SendTaskFailure'),
    SendTaskHeartbeat: everywhere('SendTaskHeartbeat'),
    SendTaskSuccess: everywhere('SendTaskSuccess'),
    StartExecution: on('StartExecution', 'stateMachineArn'),
    StopExecution: on('StopExecution', 'executionArn'),
    TagResource: on('TagResource', 'resourceArn'),
    UntagResource: on('UntagResource', 'resourceArn'),
    UpdateMapRun: on('UpdateMapRun', 'mapRunArn'),
    UpdateStateMachine: (input) => [...on('UpdateStateMachine', 'stateMachineArn')(input), ...passRole(input)],
    ValidateStateMachineDefinition: everywhere('ValidateStateMachineDefinition'),
  };
};

/** Rules that Step Functions keeps in the account to hear that a job ended, by the integration that waits for it. */
const MANAGED_RULES: Readonly<Record<string, string>> = {
  'sagemaker:createTrainingJob': 'StepFunctionsGetEventsForSageMakerTrainingJobsRule',
  'batch:submitJob': 'StepFunctionsGetEventsForBatchJobsRule',
  'states:startExecution': 'StepFunctionsGetEventsForStepFunctionsExecutionRule',
};

const SYNC_RESOURCE = /arn:aws:states:::([a-z]+:[A-Za-z]+)\.sync/g;

/**
 * What a machine's role needs for the tasks that wait for jobs; Step Functions looks when the machine is made.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
 */
const managedRuleNeeds = ({ partition, region, accountId }: CloudIdentity, definition: string): readonly Need[] => {
  const rules = new Set([...definition.matchAll(SYNC_RESOURCE)].flatMap(([, api = '']) => MANAGED_RULES[api] ?? []));
  return [...rules].flatMap((rule) =>
    ['PutTargets', 'PutRule', 'DescribeRule'].map((action) => ({
      action: `events:${action}`,
      resource: `arn:${partition}:events:${region}:${accountId}:rule/${rule}`,
    })),
  );
};

/** @throws AwsError AccessDeniedException for a role that Step Functions may not use, or that may not wait for jobs */
export const requireMachineRole = (
  context: CloudIdentity & { readonly access: AccessControl },
  machine: { readonly arn: string; readonly roleArn: string; readonly definition: string },
): void => {
  const { access } = context;
  const service = 'states.amazonaws.com';
  requireTrust(access, {
    arn: machine.roleArn,
    service,
    refusal: new AwsError(
      'AccessDeniedException',
      `Neither the global service principal ${service}, nor the regional one is authorized to assume the provided role.`,
    ),
  });
  const principal = { service, roleArn: machine.roleArn, sourceArn: machine.arn };
  try {
    for (const need of managedRuleNeeds(context, machine.definition)) access.require({ principal, ...need });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const message = `'${machine.roleArn}' is not authorized to create managed-rule. (${error.message})`;
    throw new AwsError('AccessDeniedException', message);
  }
};
