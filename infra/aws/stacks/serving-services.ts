import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import {
  inferenceServiceName,
  pinnedFamilyName,
  SERVICE_SLOTS,
  servingClusterName,
  slotServiceName,
} from '../../../shared/contracts/names.ts';
import { arnOf } from '../arns.ts';
import { checkPriorities, EcsEndpoint } from '../constructs/ecs-endpoint.ts';
import { ModelServer } from '../constructs/model-server.ts';
import { ServiceAlarm } from '../constructs/service-alarm.ts';
import { ServingNetwork } from '../constructs/serving-network.ts';
import { pascalCase } from '../names.ts';
import { allow } from '../permissions.ts';
import type { PlatformStackProps } from './stack-context.ts';

/** What models on ECS are served by, and what rollouts of them may do. */
export interface ServingServices {
  readonly network: ServingNetwork;
  readonly may: Readonly<
    Record<'look' | 'describe' | 'publish' | 'test' | 'shift' | 'list' | 'collect', readonly PolicyStatement[]>
  >;
}

const NOTHING: ServingServices['may'] = {
  look: [],
  describe: [],
  publish: [],
  test: [],
  shift: [],
  list: [],
  collect: [],
};

/** Adds an endpoint for each model whose target is ECS, and their network; nothing where there is none. */
export const addServingServices = (scope: Construct, props: PlatformStackProps): ServingServices | undefined => {
  const { stage, definitions, data } = props;
  const chosen = definitions.flatMap((definition) => {
    const { deployment } = definition;
    return deployment.target === 'ecs' ? [{ definition, deployment }] : [];
  });
  if (chosen.length === 0 && stage.modelServer === 'off') return undefined;
  checkPriorities(chosen.map(({ definition }) => definition.name));
  const network = new ServingNetwork(scope, 'Serving', { stage });
  const { artifacts, registry, audit, online, alarmTopic } = data;
  const endpoints = chosen.map(({ definition, deployment }) => {
    const id = pascalCase(definition.name);
    const given = { stage, definition, deployment, network, artifacts, registry, audit, online };
    const endpoint = new EcsEndpoint(scope, id, given);
    new ServiceAlarm(scope, `${id}Errors`, { stage, model: definition.name, endpoint, network, topic: alarmTopic });
    return endpoint;
  });
  if (stage.modelServer === 'on') new ModelServer(scope, 'ModelServer', { stage, network, artifacts, registry, audit });
  return { network, may: chosen.length === 0 ? NOTHING : permissionsOf(scope, props, endpoints) };
};

const permissionsOf = (
  scope: Construct,
  { stage }: PlatformStackProps,
  endpoints: readonly EcsEndpoint[],
): ServingServices['may'] => {
  const anyModel = inferenceServiceName(stage.name, '*');
  const services = SERVICE_SLOTS.map((slot) =>
    arnOf(scope, 'ecs', `service/${servingClusterName(stage.name)}/${slotServiceName(anyModel, slot)}`),
  );
  const definitions = arnOf(scope, 'ecs', `task-definition/${pinnedFamilyName(anyModel)}`);
  const balancing = (...actions: string[]) =>
    allow(
      actions.map((action) => `elasticloadbalancing:${action}`),
      ['*'],
    );
  const look = [
    allow(['ecs:DescribeServices'], services),
    balancing('DescribeListeners', 'DescribeRules', 'DescribeTargetGroups'),
  ];
  // Neither takes a resource.
  const describe = [...look, allow(['ecs:DescribeTaskDefinition'], ['*'])];
  const update = [
    allow(['ecs:UpdateService'], services),
    allow(['application-autoscaling:DescribeScalableTargets'], ['*']),
    // Targets are named by AWS.
    allow(
      ['application-autoscaling:RegisterScalableTarget'],
      [arnOf(scope, 'application-autoscaling', 'scalable-target/*')],
      {
        StringEquals: {
          'application-autoscaling:service-namespace': 'ecs',
          'application-autoscaling:scalable-dimension': 'ecs:service:DesiredCount',
        },
      },
    ),
  ];
  const list = [allow(['ecs:ListTaskDefinitions'], ['*'])];
  return {
    look,
    describe,
    list,
    publish: [
      ...describe,
      allow(['ecs:RegisterTaskDefinition'], [definitions]),
      ...update,
      allow(
        ['iam:PassRole'],
        endpoints.flatMap(({ roleArns }) => roleArns),
        { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      ),
    ],
    test: [...describe, balancing('DescribeTargetHealth')],
    shift: [
      ...describe,
      ...update,
      allow(
        ['elasticloadbalancing:ModifyRule'],
        endpoints.map(({ ruleArn }) => ruleArn),
      ),
    ],
    // Takes no resource either.
    collect: [...list, allow(['ecs:DeregisterTaskDefinition'], ['*'])],
  };
};
