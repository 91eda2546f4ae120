import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, textOf } from '../iam/guard.ts';
import { arnOf, nameIn } from './records.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html */
export const ecsAccess = (identity: CloudIdentity): AccessRules => {
  const need = (action: string, resource: string): Need => ({ action: `ecs:${action}`, resource });
  const cluster = (input: Input): string => nameIn(textOf(input, 'cluster') || 'default');
  const inCluster = (kind: string, input: Input, name: string): string =>
    arnOf(identity, `${kind}/${cluster(input)}/${nameIn(name)}`);
  const everywhere = (action: string) => [action, (): readonly Need[] => [need(action, '*')]];
  const onService = (action: string, member: string) => [
    action,
    (input: Input): readonly Need[] => [need(action, inCluster('service', input, textOf(input, member)))],
  ];
  const onTask = (action: string, name: (input: Input) => readonly string[]) => [
    action,
    (input: Input): readonly Need[] => name(input).map((one) => need(action, inCluster('task', input, one))),
  ];
  const listed =
    (member: string) =>
    (input: Input): readonly string[] => {
      const value = input[member];
      return Array.isArray(value) ? value.map(String) : [];
    };
  return Object.fromEntries([
    ['RegisterTaskDefinition', (input: Input) => registerNeeds(identity, input)],
    everywhere('DeregisterTaskDefinition'),
    everywhere('DescribeTaskDefinition'),
    everywhere('ListTaskDefinitions'),
    everywhere('CreateCluster'),
    everywhere('ListServices'),
    ['DeleteCluster', (input: Input) => [need('DeleteCluster', arnOf(identity, `cluster/${cluster(input)}`))]],
    [
      'DescribeClusters',
      (input: Input) =>
        listed('clusters')(input).map((one) => need('DescribeClusters', arnOf(identity, `cluster/${nameIn(one)}`))),
    ],
    onService('CreateService', 'serviceName'),
    onService('UpdateService', 'service'),
    onService('DeleteService', 'service'),
    [
      'DescribeServices',
      (input: Input) =>
        listed('services')(input).map((one) => need('DescribeServices', inCluster('service', input, one))),
    ],
    // Of a service's tasks: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
    ['ListTasks', (_input: Input) => [need('ListTasks', '*')]],
    onTask('DescribeTasks', listed('tasks')),
    onTask('StopTask', (input) => [textOf(input, 'task')]),
  ]) as AccessRules;
};

/** Whoever registers a task definition hands its roles to ECS. */
const registerNeeds = (identity: CloudIdentity, input: Input): readonly Need[] => [
  {
    action: 'ecs:RegisterTaskDefinition',
    resource: arnOf(identity, `task-definition/${textOf(input, 'family')}:*`),
  },
  ...['taskRoleArn', 'executionRoleArn'].flatMap((member) => {
    const role = textOf(input, member);
    const conditions = { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' };
    return role === '' ? [] : [{ action: 'iam:PassRole', resource: role, conditions }];
  }),
];
