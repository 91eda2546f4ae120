import { describe, expect, it } from 'vitest';
import { stageConfig } from '../../infra/aws/config.ts';
import { idleCost, totalUsd } from '../../infra/commands/idle-cost.ts';
import { LOCAL_SERVER_IMAGE } from '../../shared/contracts/names.ts';
import { entityDefinition } from '../helpers/entity-bench.ts';
import { definition, fakeBundles, type Resource, synthesise, type Template } from './synthesise.ts';

/** Models on ECS in the template. */

const stage = { ...stageConfig('dev'), serverImage: LOCAL_SERVER_IMAGE };
const onEcs = (name: string, more: object = {}) => definition(name, { deployment: { target: 'ecs', ...more } });
const both = [onEcs('flight-delay'), definition('births')];

const ofType = (template: Template, type: string): readonly (readonly [string, Resource])[] =>
  Object.entries(template.Resources).filter(([, { Type }]) => Type === type);

/** What a rollout changes at run time. */
const fixedOf = ({ serving }: ReturnType<typeof synthesise>['templates']) =>
  Object.fromEntries(
    Object.entries(serving.Resources).filter(
      ([id, { Type }]) =>
        Type === 'AWS::ECS::Service' ||
        Type === 'AWS::ElasticLoadBalancingV2::ListenerRule' ||
        Type === 'AWS::ElasticLoadBalancingV2::TargetGroup' ||
        (Type === 'AWS::ECS::TaskDefinition' && id.includes('NoModelInService')),
    ),
  );

const before = synthesise({ stage, definitions: both });

describe('what a model on ECS serves belongs to run time', () => {
  it('so another image and other settings change the deployed task definition and nothing that serves', () => {
    const changed = { ...stage, serverImage: LOCAL_SERVER_IMAGE.replaceAll('0', '1'), logRetentionDays: 7 } as const;
    const after = synthesise({
      stage: changed,
      definitions: [onEcs('flight-delay', { vcpus: 2, memoryMb: 4_096, tasks: 3 }), onEcs('added')],
      bundles: fakeBundles('exports.handler = 1;\n'),
    });
    const deployed = ({ templates }: typeof before) =>
      ofType(templates.serving, 'AWS::ECS::TaskDefinition').filter(([id]) => /^FlightDelayDeployed/.test(id));

    expect(deployed(after)).not.toEqual(deployed(before));
    expect(fixedOf(after.templates)).toMatchObject(fixedOf(before.templates));
    expect(Object.keys(fixedOf(before.templates))).toHaveLength(6);
  });

  it('and nothing runs until a rollout says so', () => {
    const services = ofType(before.templates.serving, 'AWS::ECS::Service');

    expect(services.map(([, { Properties }]) => Properties?.DesiredCount)).toEqual([0, 0]);
    expect(services.map(([, { Properties }]) => Properties?.ServiceName)).toEqual([
      'millrace-dev-slot-a-flight-delay',
      'millrace-dev-slot-b-flight-delay',
    ]);
  });
});

describe('the network', () => {
  it('lets nobody in from outside: an internal load balancer, and groups that name each other', () => {
    const { serving } = before.templates;
    const [[, balancer] = ['', undefined]] = ofType(serving, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
    const ingress = [
      ...ofType(serving, 'AWS::EC2::SecurityGroupIngress').map(([, { Properties }]) => Properties),
      ...ofType(serving, 'AWS::EC2::SecurityGroup').flatMap(
        ([, { Properties }]) => (Properties?.SecurityGroupIngress ?? []) as readonly Record<string, unknown>[],
      ),
    ];

    expect(balancer?.Properties?.Scheme).toBe('internal');
    expect(ingress).toHaveLength(2);
    expect(ingress.filter((rule) => rule?.CidrIp !== undefined || rule?.CidrIpv6 !== undefined)).toEqual([]);
    expect(ofType(serving, 'AWS::EC2::NatGateway')).toEqual([]);
  });

  it('is not there without a model on ECS', () => {
    const { serving } = synthesise({ stage, definitions: [definition('births')] }).templates;

    for (const type of ['AWS::EC2::VPC', 'AWS::ECS::Cluster', 'AWS::ElasticLoadBalancingV2::LoadBalancer'])
      expect(ofType(serving, type)).toEqual([]);
  });
});

describe('the prediction API', () => {
  it('asks for a signature, and tells the server who called whatever the caller says', () => {
    const methods = ofType(before.templates.serving, 'AWS::ApiGateway::Method').filter(
      ([, { Properties }]) => (Properties?.Integration as { Type?: string } | undefined)?.Type === 'HTTP_PROXY',
    );

    expect(methods).toHaveLength(4);
    for (const [, { Properties }] of methods) {
      expect(Properties?.AuthorizationType).toBe('AWS_IAM');
      expect(Properties?.Integration).toMatchObject({
        ConnectionType: 'VPC_LINK',
        RequestParameters: {
          'integration.request.header.x-millrace-caller': 'context.identity.userArn',
          'integration.request.header.x-millrace-api-key-id': "'-'",
        },
      });
    }
  });

  it('sends a model to its services and another to its function', () => {
    const { serving } = before.templates;

    expect(Object.keys(serving.Resources).filter((id) => /^BirthsInfer.*/.test(id)).length).toBeGreaterThan(0);
    expect(Object.keys(serving.Resources).filter((id) => /^FlightDelayInfer.*/.test(id))).toEqual([]);
  });
});

describe('the task of a model that is asked by entity', () => {
  const { serving } = synthesise({
    stage,
    definitions: [entityDefinition({ deployment: { target: 'ecs' } }), onEcs('births')],
  }).templates;
  const taskOf = (model: string): string =>
    JSON.stringify(ofType(serving, 'AWS::ECS::TaskDefinition').find(([id]) => id.startsWith(`${model}Deployed`)));
  const reads = (model: string) =>
    (ofType(serving, 'AWS::IAM::Role').find(([id]) => id.startsWith(`${model}TaskRole`))?.[1].Properties?.Policies as
      | readonly { readonly PolicyDocument: { readonly Statement: readonly Record<string, unknown>[] } }[]
      | undefined)!
      .flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
      .filter(({ Action }) => JSON.stringify(Action).includes('BatchGetItem'));

  it('reads the values of its own entities, and nothing else of the online table', () => {
    expect(taskOf('Toy')).toContain('"ONLINE_TABLE"');
    expect(reads('Toy')).toMatchObject([
      {
        Action: 'dynamodb:BatchGetItem',
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['toy|*'] } },
      },
    ]);
  });

  it('is told of no online table where its model has no views', () => {
    expect(taskOf('Births')).not.toContain('"ONLINE_TABLE"');
    expect(reads('Births')).toEqual([]);
  });

  it('takes who called from the API', () => {
    expect(taskOf('Births')).toContain('{"Name":"CALLERS","Value":"named-by-api"}');
  });
});

it('is refused on a stage without an image, by a message that says how to get one', () => {
  expect(() => synthesise({ stage: stageConfig('dev'), definitions: both })).toThrow(
    'model flight-delay is served on ECS, for which stage dev must have a serverImage',
  );
});

it('costs a load balancer and its tasks while idle, and is priced so', () => {
  const without = synthesise({ stage, definitions: [definition('flight-delay'), definition('births')] });
  const costOf = ({ templates }: typeof before) => totalUsd(idleCost(Object.values(templates)));

  const added = costOf(before) - costOf(without);

  // The load balancer, and one task of half a processor and a gigabyte with its address.
  expect(added).toBeCloseTo(16.43 + 0.5 * 23.64 + 2.6 + 3.65 + 0.3, 1);
});

it('fails its errors alarm by both slots', () => {
  const alarms = Object.values(before.templates).flatMap((template) => ofType(template, 'AWS::CloudWatch::Alarm'));
  const errors = alarms.filter(([, { Properties }]) => Properties?.AlarmName === 'millrace-dev-flight-delay-errors');

  expect(errors).toHaveLength(1);
  expect(errors[0]?.[1].Properties?.Metrics).toHaveLength(5);
});

describe('a model on ECS whose tasks scale', () => {
  const tasks = { min: 2, max: 6, requestsPerMinute: 3_000 };
  const scaled = synthesise({ stage, definitions: [onEcs('flight-delay', { tasks }), definition('births')] });
  const targetsOf = ({ templates }: typeof before) =>
    ofType(templates.serving, 'AWS::ApplicationAutoScaling::ScalableTarget');
  const policies = ofType(scaled.templates.serving, 'AWS::ApplicationAutoScaling::ScalingPolicy');

  it('has targets that a deploy leaves closed, whatever the definition says: rollouts set their bounds', () => {
    const other = synthesise({ stage, definitions: [onEcs('flight-delay', { tasks: { min: 1, max: 9 } })] });

    expect(targetsOf(scaled)).toHaveLength(2);
    expect(targetsOf(other)).toEqual(targetsOf(scaled));
    for (const [, { Properties, DependsOn }] of targetsOf(scaled)) {
      expect(Properties).toMatchObject({
        MinCapacity: 0,
        MaxCapacity: 50,
        SuspendedState: { DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true },
      });
      // Registered before its service is there, it would be refused.
      expect(DependsOn).toEqual([expect.stringMatching(/^FlightDelaySlot[AB]/)]);
    }
    expect(targetsOf(before)).toEqual([]);
  });

  it('follows requests of its own target group and its own processors, and is slow to scale in', () => {
    const trackings = policies.map(([, { Properties }]) => Properties?.TargetTrackingScalingPolicyConfiguration);

    expect(trackings).toHaveLength(4);
    for (const tracking of trackings) expect(tracking).toMatchObject({ ScaleOutCooldown: 60, ScaleInCooldown: 300 });
    const byRequests = trackings.filter((one) => JSON.stringify(one).includes('ALBRequestCountPerTarget'));
    const groups = byRequests.map((one) => /FlightDelayTargets[AB]/.exec(JSON.stringify(one))?.[0]);
    expect(new Set(groups)).toEqual(new Set(['FlightDelayTargetsA', 'FlightDelayTargetsB']));
    expect(byRequests).toMatchObject([{ TargetValue: 3_000 }, { TargetValue: 3_000 }]);
  });

  it('tells rollouts its bounds, who may set those of ECS services alone', () => {
    const { serving } = scaled.templates;
    const allowed = JSON.stringify(
      Object.values(serving.Resources)
        .filter(({ Type }) => Type === 'AWS::IAM::Role')
        .flatMap(({ Properties }) => Properties?.Policies ?? [])
        .flatMap(
          (one) =>
            (one as { PolicyDocument: { Statement: { Action: unknown; Condition?: unknown }[] } }).PolicyDocument
              .Statement,
        )
        .filter(({ Action }) => JSON.stringify(Action).includes('RegisterScalableTarget'))
        .map(({ Condition }) => Condition),
    );

    expect(JSON.stringify(ofType(serving, 'AWS::ECS::TaskDefinition'))).toContain('"millrace.tasks":"2-6"');
    expect(JSON.parse(allowed)).toEqual(
      // Of publish-version, shift-traffic, roll-back and reconcile-serving.
      Array.from({ length: 4 }, () => ({
        StringEquals: {
          'application-autoscaling:service-namespace': 'ecs',
          'application-autoscaling:scalable-dimension': 'ecs:service:DesiredCount',
        },
      })),
    );
  });

  it('costs its fewest tasks while idle, and the alarms that AWS makes of its policies', () => {
    const lines = idleCost(Object.values(scaled.templates));

    expect(lines.find(({ item }) => item.startsWith('tasks of'))).toMatchObject({
      count: 2,
      note: 'once a version is in service; up to 6 while it is asked, twice as many while a canary runs',
    });
    expect(lines.find(({ item }) => item === 'alarms of scaling policies')).toMatchObject({
      count: 8,
      usdPerMonth: 0.8,
    });
  });
});

describe('the image of the server', () => {
  const building = synthesise({ stage: { ...stage, serverImageBuild: 'on' }, definitions: [definition('births')] });

  it('is built by a project that somebody starts, from the sources of this deploy, without a credential of anybody', () => {
    const [[, project] = ['', undefined]] = ofType(building.templates.serving, 'AWS::CodeBuild::Project');

    expect(project?.Properties?.Triggers).toBeUndefined();
    expect(JSON.stringify(project?.Properties?.Source)).toContain('NODE_IMAGE=');
    expect(JSON.stringify(project?.Properties?.Environment)).toContain('ONNXRUNTIME_VERSION');
    expect(ofType(building.templates.serving, 'AWS::Events::Rule').length).toBe(
      ofType(before.templates.serving, 'AWS::Events::Rule').length,
    );
  });

  it('lies in a repository that stays, and costs nothing while nothing is built', () => {
    const [[, repository] = ['', undefined]] = ofType(building.templates.serving, 'AWS::ECR::Repository');
    const plain = synthesise({ stage, definitions: [definition('births')] });

    expect(repository?.DeletionPolicy).toBe('Retain');
    expect(totalUsd(idleCost(Object.values(building.templates)))).toBe(
      totalUsd(idleCost(Object.values(plain.templates))),
    );
  });
});

describe('the service of every registered model', () => {
  const { serving } = synthesise({
    stage: { ...stage, modelServer: 'on' },
    definitions: [definition('births')],
  }).templates;

  it('answers for models that have no rule of their own, and is replaced as deploys come', () => {
    const [[, rule] = ['', undefined]] = ofType(serving, 'AWS::ElasticLoadBalancingV2::ListenerRule');
    const [[, service] = ['', undefined]] = ofType(serving, 'AWS::ECS::Service');

    expect(rule?.Properties).toMatchObject({
      Priority: 50_000,
      Conditions: [{ PathPatternConfig: { Values: ['/v2/models/*', '/models/*'] } }],
    });
    expect(service?.Properties).toMatchObject({ DesiredCount: 1, ServiceName: 'millrace-dev-model-server' });
    expect(JSON.stringify(ofType(serving, 'AWS::ECS::TaskDefinition'))).toContain('"MODELS","Value":"registry"');
  });

  it('writes nothing: its role reads models and what the registry and the audit log say of them', () => {
    const [[, role] = ['', undefined]] = Object.entries(serving.Resources).filter(([id]) =>
      /^ModelServerTaskRole/.test(id),
    );
    const actions = [...JSON.stringify(role?.Properties?.Policies).matchAll(/"([a-z0-9]+:[A-Za-z]+)"/g)].map(
      ([, one]) => one,
    );

    expect(new Set(actions)).toEqual(
      new Set(['s3:ListBucket', 's3:GetObject', 'kms:Decrypt', 'dynamodb:GetItem', 'dynamodb:Query', 'kms:ViaService']),
    );
  });

  it('runs within its bounds, which a deploy sets, and leaves the number of tasks to what scales it', () => {
    const scaled = synthesise({
      stage: { ...stage, modelServer: 'on', modelServerTasks: { min: 1, max: 4, cpuPercent: 50 } },
      definitions: [definition('births')],
    }).templates.serving;
    const [[, service] = ['', undefined]] = ofType(scaled, 'AWS::ECS::Service');
    const [[, target] = ['', undefined]] = ofType(scaled, 'AWS::ApplicationAutoScaling::ScalableTarget');

    expect(service?.Properties).not.toHaveProperty('DesiredCount');
    expect(target?.Properties).toMatchObject({ MinCapacity: 1, MaxCapacity: 4 });
    expect(target?.Properties).not.toHaveProperty('SuspendedState');
    expect(ofType(scaled, 'AWS::ApplicationAutoScaling::ScalingPolicy')).toHaveLength(1);
    expect(ofType(serving, 'AWS::ApplicationAutoScaling::ScalableTarget')).toEqual([]);
  });

  it('leaves models with a function to their functions', () => {
    const privately = ofType(serving, 'AWS::ApiGateway::Method').filter(
      ([, { Properties }]) => (Properties?.Integration as { Type?: string } | undefined)?.Type === 'HTTP_PROXY',
    );

    expect(privately).toHaveLength(2);
    expect(Object.keys(serving.Resources).some((id) => /^BirthsInfer/.test(id))).toBe(true);
  });
});
