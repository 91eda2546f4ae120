import type { CloudIdentity } from '../contracts.ts';
import { type AccessRules, type Input, type Need, objectsOf, textOf } from '../iam/guard.ts';
import { busNameOf, DEFAULT_BUS, type EventBus } from './rules.ts';

/** What each operation needs. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html */
export const eventsAccess = (identity: CloudIdentity, findBus: (name: string) => EventBus | undefined): AccessRules => {
  const { partition, region, accountId } = identity;
  const arn = `arn:${partition}:events:${region}:${accountId}`;
  const onRule =
    (action: string, member: string) =>
    (input: Input): readonly Need[] => {
      const bus = busNameOf(textOf(input, 'EventBusName') || DEFAULT_BUS);
      const rule = `${bus === DEFAULT_BUS ? '' : `${bus}/`}${textOf(input, member)}`;
      return [{ action: `events:${action}`, resource: `${arn}:rule/${rule}` }];
    };
  const onBus =
    (action: string, member: string) =>
    (input: Input): readonly Need[] => [
      { action: `events:${action}`, resource: `${arn}:event-bus/${busNameOf(textOf(input, member) || DEFAULT_BUS)}` },
    ];
  const everywhere = (action: string) => (): readonly Need[] => [{ action: `events:${action}`, resource: '*' }];
  const passed = (roleArn: string): readonly Need[] =>
    roleArn === ''
      ? []
      : [{ action: 'iam:PassRole', resource: roleArn, conditions: { 'iam:PassedToService': 'events.amazonaws.com' } }];
  return {
    CreateEventBus: onBus('CreateEventBus', 'Name'),
    DeleteEventBus: onBus('DeleteEventBus', 'Name'),
    DeleteRule: onRule('DeleteRule', 'Name'),
    DescribeEventBus: onBus('DescribeEventBus', 'Name'),
    DescribeRule: onRule('DescribeRule', 'Name'),
    DisableRule: onRule('DisableRule', 'Name'),
    EnableRule: onRule('EnableRule', 'Name'),
    ListEventBuses: everywhere('ListEventBuses'),
    ListRuleNamesByTarget: everywhere('ListRuleNamesByTarget'),
    ListRules: everywhere('ListRules'),
    ListTargetsByRule: onRule('ListTargetsByRule', 'Rule'),
    PutEvents: (input) =>
      objectsOf(input, 'Entries').map((entry) => {
        const bus = busNameOf(textOf(entry, 'EventBusName') || DEFAULT_BUS);
        const policy = findBus(bus)?.policy;
        return {
          action: 'events:PutEvents',
          resource: `${arn}:event-bus/${bus}`,
          conditions: { 'events:source': textOf(entry, 'Source'), 'events:detail-type': textOf(entry, 'DetailType') },
          ...(policy === undefined ? {} : { resourcePolicy: policy }),
        };
      }),
    PutRule: (input) => [...onRule('PutRule', 'Name')(input), ...passed(textOf(input, 'RoleArn'))],
    PutTargets: (input) => [
      ...onRule('PutTargets', 'Rule')(input),
      ...objectsOf(input, 'Targets').flatMap((target) => passed(textOf(target, 'RoleArn'))),
    ],
    RemoveTargets: onRule('RemoveTargets', 'Rule'),
    TestEventPattern: everywhere('TestEventPattern'),
  };
};

/** What a rule needs whose target is another bus. */
export const forwardNeeds = (busArn: string, bus: EventBus | undefined): readonly Need[] => [
  {
    action: 'events:PutEvents',
    resource: busArn,
    ...(bus?.policy === undefined ? {} : { resourcePolicy: bus.policy }),
  },
];
