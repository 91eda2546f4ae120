import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createScalingService } from '../../../../../infra/local/applicationautoscaling/service.ts';
import { createEcsService, type EcsService } from '../../../../../infra/local/ecs/service.ts';
import { createLoadBalancingService, type LoadBalancingService } from '../../../../../infra/local/elbv2/service.ts';
import { readServiceDimensions } from '../../../../../shared/adapters/ecs/service-dimensions.ts';
import { createServingServices } from '../../../../../shared/adapters/ecs/serving-services.ts';
import { createScalableTargets } from '../../../../../shared/adapters/sigv4/scalable-targets.ts';
import { createSignedClient } from '../../../../../shared/adapters/sigv4/signed-client.ts';
import { inferenceServiceName, pinnedFamilyName, slotServiceName } from '../../../../../shared/contracts/names.ts';
import { CLOSED_SCALING } from '../../../../../shared/contracts/service-tasks.ts';
import type { ScalableTargets } from '../../../../../shared/ports/scalable-targets.ts';
import type { ServingFunctions } from '../../../../../shared/ports/serving-functions.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';
import { standInCommand } from '../../../../helpers/stand-in-server.ts';

/** A model on ECS, rolled out by hand in the order of the workflow; the versions of one test are the next one's past. */

const NAME = inferenceServiceName('dev', 'toy');
const IMAGE = 'server@sha256:0';
const UNSTARTABLE = 9;

let local: StartedService;
let clients: {
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly scaling: ScalableTargets;
};
let serving: ServingFunctions;

const container = (environment: Readonly<Record<string, string>>, dockerLabels: Readonly<Record<string, string>>) => ({
  name: 'server',
  image: IMAGE,
  portMappings: [{ containerPort: 8080 }],
  environment: Object.entries({ PORT: '8080', ...environment }).map(([name, value]) => ({ name, value })),
  dockerLabels,
});

const deploy = (code: string, tasks = '1') =>
  clients.ecs.send(
    new RegisterTaskDefinitionCommand({
      family: NAME,
      cpu: '512',
      memory: '1024',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      containerDefinitions: [container({ MODEL_NAME: 'toy', CODE: code }, { 'millrace.tasks': tasks })],
    }),
  );

beforeAll(async () => {
  let balancing: LoadBalancingService;
  let ecs: EcsService;
  // What rings is not asked here.
  const alarms = { put: () => undefined, delete: () => undefined, stateOf: () => undefined, values: () => new Map() };
  local = await startLocalService([
    (context) => {
      balancing = createLoadBalancingService(context);
      return balancing;
    },
    (context) => {
      const localImages = { [IMAGE]: standInCommand({ unstartableVersions: [UNSTARTABLE] }) };
      ecs = createEcsService(context, { localImages, targets: balancing.targets });
      return ecs;
    },
    (context) => createScalingService(context, { services: ecs.capacity, alarms }),
  ]);
  const { credentials, endpoint } = local.clientConfig;
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  clients = {
    ecs: new ECSClient(local.clientConfig),
    elb: new ElasticLoadBalancingV2Client(local.clientConfig),
    scaling: createScalableTargets(createSignedClient({ env, nowMs: () => local.clock.nowMs() })),
  };
  serving = createServingServices(clients);
  await clients.ecs.send(new CreateClusterCommand({ clusterName: 'millrace-dev-serving' }));
  const { LoadBalancers } = await clients.elb.send(
    new CreateLoadBalancerCommand({ Name: 'inner', Scheme: 'internal' }),
  );
  const { Listeners } = await clients.elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn,
      Port: 80,
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    }),
  );
  const groups: string[] = [];
  for (const slot of ['a', 'b']) {
    const made = await clients.elb.send(
      new CreateTargetGroupCommand({ Name: slot, Port: 8080, TargetType: 'ip', HealthCheckPath: '/v2/health/ready' }),
    );
    groups.push(made.TargetGroups?.[0]?.TargetGroupArn ?? '');
  }
  const TargetGroups = groups.map((TargetGroupArn, index) => ({ TargetGroupArn, Weight: 1 - index }));
  await clients.elb.send(
    new CreateRuleCommand({
      ListenerArn: Listeners?.[0]?.ListenerArn,
      Priority: 7,
      Conditions: [{ Field: 'path-pattern', Values: ['/models/toy/*'] }],
      Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
    }),
  );
  await deploy('one');
  const none = await clients.ecs.send(
    new RegisterTaskDefinitionCommand({ family: pinnedFamilyName(NAME), containerDefinitions: [container({}, {})] }),
  );
  for (const [index, slot] of (['a', 'b'] as const).entries()) {
    await clients.ecs.send(
      new CreateServiceCommand({
        cluster: 'millrace-dev-serving',
        serviceName: slotServiceName(NAME, slot),
        taskDefinition: none.taskDefinition?.taskDefinitionArn,
        desiredCount: 0,
        loadBalancers: [{ containerName: 'server', containerPort: 8080, targetGroupArn: groups[index] }],
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } },
      }),
    );
  }
});
afterAll(async () => {
  await local?.stop();
  clients?.ecs.destroy();
  clients?.elb.destroy();
});

/** Lets the clock go on until a slot has settled: a task that failed is followed by another after a while. */
const settled = async () => {
  for (let look = 0; look < 100; look += 1) {
    await sleep(20);
    await local.clock.advanceBy(10_000);
    const state = await serving.describe(NAME);
    if (state.settled) return state;
  }
  throw new Error('the idle slot never settled');
};

/** Publishes a model version as the workflow's step does. */
const publish = async (version: number): Promise<string> => {
  const before = await serving.describe(NAME);
  await serving.updateEnvironment(NAME, { ...before.environment, MODEL_VERSION: String(version) }, before.revisionId);
  const { revisionId, codeSha256, environment } = await settled();
  const published = await serving.publish(NAME, { revisionId, codeSha256, description: '' });
  expect(environment.MODEL_VERSION).toBe(String(version));
  return published.lambdaVersion;
};

const move = async (lambdaVersion: string, weights: Readonly<Record<string, number>> = {}): Promise<void> => {
  const { revisionId } = await serving.getLiveAlias(NAME);
  await serving.setLiveAlias(NAME, { lambdaVersion, weights, revisionId });
};

describe('a model on ECS', () => {
  it('begins at the version without a model, with nothing that runs', async () => {
    expect(await serving.getLiveAlias(NAME)).toMatchObject({ lambdaVersion: '1', weights: {} });
    expect(await serving.listVersions(NAME)).toEqual(['1']);
    expect(await serving.describe(NAME)).toMatchObject({ settled: true, environment: { CODE: 'one' } });
  });

  it('publishes a version beside what serves, and says whether it came up', async () => {
    const version = await publish(1);

    expect(version).toBe('2');
    expect(await serving.getLiveAlias(NAME)).toMatchObject({ lambdaVersion: '1' });
    expect(await serving.invoke(NAME, version, {})).toEqual({
      failed: false,
      payload: { model: 'toy', version: 1, healthyTaskCount: 1 },
    });
    expect((await serving.describe(NAME, version)).environment).toMatchObject({ MODEL_VERSION: '1', CODE: 'one' });
  });

  it('divides traffic by weight and gives all of it', async () => {
    await move('1', { 2: 0.1 });
    expect(await serving.getLiveAlias(NAME)).toMatchObject({ lambdaVersion: '1', weights: { 2: 0.1 } });

    await move('2');
    expect(await serving.getLiveAlias(NAME)).toMatchObject({ lambdaVersion: '2', weights: {} });
    expect(await readServiceDimensions(NAME, '2', clients)).toMatchObject({
      TargetGroup: expect.stringMatching(/^targetgroup\/b\//),
      LoadBalancer: expect.stringMatching(/^app\/inner\//),
    });
  });

  it('refuses what was decided on an older state', async () => {
    const { revisionId } = await serving.describe(NAME);
    const alias = await serving.getLiveAlias(NAME);
    await publish(2);
    await move('2', { 3: 0.5 });

    await expect(serving.updateEnvironment(NAME, {}, revisionId)).rejects.toThrow('both slots serve');
    await expect(
      serving.setLiveAlias(NAME, { lambdaVersion: '2', weights: {}, revisionId: alias.revisionId }),
    ).rejects.toThrow('changed since it was read');
  });

  it('takes traffic back and ends the tasks that get none', async () => {
    await move('2');
    await move('2');

    expect((await serving.describe(NAME)).environment).toEqual({ PORT: '8080', MODEL_NAME: 'toy', CODE: 'one' });
    await expect(move('3', { 4: 0.5 })).rejects.toThrow('does not run version 4: its slots have 3 and 2');
  });

  it('fails the test of a version whose tasks do not start', async () => {
    const version = await publish(UNSTARTABLE);

    const { failed, payload } = await serving.invoke(NAME, version, {});

    expect(failed).toBe(true);
    expect(payload).toMatchObject({ errorMessage: expect.stringContaining('0 of 1 tasks are healthy') });
    await move('2');
  });

  it('tells code that a deploy brought from the code in service, and the same code again from neither', async () => {
    const { codeSha256 } = await serving.describe(NAME);
    await deploy('one');
    const same = await serving.describe(NAME);
    await deploy('two');
    const other = await serving.describe(NAME);

    expect(same.codeSha256).toBe(codeSha256);
    expect(other.codeSha256).not.toBe(codeSha256);
    await publish(3);
    expect((await serving.describe(NAME)).environment).toMatchObject({ CODE: 'two', MODEL_VERSION: '3' });
  });

  it('collects old versions', async () => {
    await serving.deleteVersion(NAME, '3');

    expect(await serving.listVersions(NAME)).not.toContain('3');
  });
});

describe('a model on ECS whose tasks scale', () => {
  const resourceOf = (slot: 'a' | 'b') => `service/millrace-dev-serving/${slotServiceName(NAME, slot)}`;
  const both = [resourceOf('a'), resourceOf('b')];
  /** Bounds of the slots, and how many tasks each is to run. */
  const scaling = async () => {
    const targets = local.store.table<{ min: number; max: number; suspended: unknown }>(
      'application-autoscaling.targets',
    );
    const services = ['a', 'b'].map((slot) => slotServiceName(NAME, slot as 'a' | 'b'));
    const described = await clients.ecs.send(
      new DescribeServicesCommand({ cluster: 'millrace-dev-serving', services }),
    );
    return both.map((resourceId, index) => {
      const { min, max, suspended } = targets.get(resourceId) ?? {};
      return { min, max, suspended, desiredCount: described.services?.[index]?.desiredCount };
    });
  };
  const closed = { ...CLOSED_SCALING, desiredCount: 0 };
  const open = (desiredCount: number, scaleIn: boolean) => ({
    min: 2,
    max: 4,
    suspended: { scaleIn, scaleOut: false },
    desiredCount,
  });

  it('makes no target of a model with a fixed number, nor of one that no deploy has made', async () => {
    await deploy('three', '2-4');
    const version = await publish(5);
    await move(version);

    expect(await clients.scaling.registered(both)).toEqual(new Set());
  });

  it('opens the slot that serves, and leaves the other closed and without tasks', async () => {
    for (const resourceId of both) await clients.scaling.setBounds(resourceId, CLOSED_SCALING);
    const { lambdaVersion } = await serving.getLiveAlias(NAME);
    await move(lambdaVersion);

    const states = await scaling();
    expect(states).toContainEqual(open(2, false));
    expect(states).toContainEqual(closed);
  });

  it('begins a canary with as many tasks as serve, and takes none away of either while both serve', async () => {
    const live = both[(await scaling()).findIndex(({ min }) => min === 2)] ?? '';
    await clients.ecs.send(
      new UpdateServiceCommand({
        cluster: 'millrace-dev-serving',
        service: live.split('/')[2],
        desiredCount: 4,
      }),
    );
    const champion = (await serving.getLiveAlias(NAME)).lambdaVersion;
    const canary = await publish(6);
    expect(await scaling()).toEqual([open(4, true), open(4, true)]);

    await move(champion, { [canary]: 0.5 });
    expect(await scaling()).toEqual([open(4, true), open(4, true)]);

    await move(champion);
    const states = await scaling();
    expect(states).toContainEqual(open(4, false));
    expect(states).toContainEqual(closed);
  });

  it('takes another number of tasks for other code', async () => {
    const { codeSha256 } = await serving.describe(NAME);
    await deploy('three', '2-4');
    expect((await serving.describe(NAME)).codeSha256).toBe(codeSha256);
    await deploy('three', '3-4');
    expect((await serving.describe(NAME)).codeSha256).not.toBe(codeSha256);
  });
});
