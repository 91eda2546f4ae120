import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListServicesCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEcsService } from '../../../../../infra/local/ecs/service.ts';
import type { Forward } from '../../../../../infra/local/elbv2/forward.ts';
import { createLoadBalancingService, type LoadBalancingService } from '../../../../../infra/local/elbv2/service.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';
import { type StandInAnswer, standInCommand } from '../../../../helpers/stand-in-server.ts';

/** ECS and its load balancer together, asked by the real clients; tasks are child processes. */

const IMAGE = 'server@sha256:0';
const CLUSTER = 'serving';

let local: StartedService;
let balancing: LoadBalancingService;
let ecs: ECSClient;
let elb: ElasticLoadBalancingV2Client;
let loadBalancerArn = '';
let listenerArn = '';

beforeAll(async () => {
  local = await startLocalService([
    (context) => {
      balancing = createLoadBalancingService(context);
      return balancing;
    },
    (context) => createEcsService(context, { localImages: { [IMAGE]: standInCommand() }, targets: balancing.targets }),
  ]);
  ecs = new ECSClient(local.clientConfig);
  elb = new ElasticLoadBalancingV2Client(local.clientConfig);
  await ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
  const made = await elb.send(
    new CreateLoadBalancerCommand({ Name: 'inner', Scheme: 'internal', Subnets: ['a', 'b'] }),
  );
  loadBalancerArn = made.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
  const listener = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: loadBalancerArn,
      Port: 80,
      Protocol: 'HTTP',
      DefaultActions: [
        {
          Type: 'fixed-response',
          FixedResponseConfig: { StatusCode: '404', ContentType: 'application/json', MessageBody: '{}' },
        },
      ],
    }),
  );
  listenerArn = listener.Listeners?.[0]?.ListenerArn ?? '';
});
afterAll(async () => {
  await local?.stop();
  ecs?.destroy();
  elb?.destroy();
});

/** The clock is held while services are on their way: at rest, nothing holds it. */
const atRest = async (): Promise<void> => {
  await sleep(20);
  await local.clock.settle();
};

const runningTasks = async (serviceName: string): Promise<string[]> =>
  (await ecs.send(new ListTasksCommand({ cluster: CLUSTER, serviceName }))).taskArns ?? [];

/** The machine tells of a program's end when it likes. */
const gone = async (service: string, task: string | undefined): Promise<void> => {
  for (let look = 0; look < 200 && (await runningTasks(service)).includes(task ?? ''); look += 1) await sleep(20);
  await atRest();
};

const createGroup = async (name: string): Promise<string> => {
  const answer = await elb.send(
    new CreateTargetGroupCommand({
      Name: name,
      Port: 8080,
      Protocol: 'HTTP',
      TargetType: 'ip',
      VpcId: 'vpc-1',
      HealthCheckPath: '/v2/health/ready',
    }),
  );
  return answer.TargetGroups?.[0]?.TargetGroupArn ?? '';
};

const register = async (
  family: string,
  environment: Readonly<Record<string, string>>,
  image = IMAGE,
): Promise<string> => {
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '512',
      memory: '1024',
      containerDefinitions: [
        {
          name: 'server',
          image,
          portMappings: [{ containerPort: 8080 }],
          environment: Object.entries({ PORT: '8080', ...environment }).map(([name, value]) => ({ name, value })),
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': `/ecs/${family}`,
              'awslogs-region': 'us-east-1',
              'awslogs-stream-prefix': 'ecs',
            },
          },
        },
      ],
    }),
  );
  return taskDefinition?.taskDefinitionArn ?? '';
};

interface Made {
  readonly service: string;
  readonly group: string;
  readonly rule: string;
}

let rulePriority = 0;

const createService = async (name: string, taskDefinition: string, desiredCount: number): Promise<Made> => {
  const group = await createGroup(name);
  rulePriority += 1;
  const made = await elb.send(
    new CreateRuleCommand({
      ListenerArn: listenerArn,
      Priority: rulePriority,
      Conditions: [{ Field: 'path-pattern', Values: [`/${name}/*`] }],
      Actions: [{ Type: 'forward', TargetGroupArn: group }],
    }),
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster: CLUSTER,
      serviceName: name,
      taskDefinition,
      desiredCount,
      launchType: 'FARGATE',
      loadBalancers: [{ targetGroupArn: group, containerName: 'server', containerPort: 8080 }],
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } },
    }),
  );
  return { service: name, group, rule: made.Rules?.[0]?.RuleArn ?? '' };
};

const describeService = async (name: string) =>
  (await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: [name] }))).services?.[0];

const ask = async (path: string): Promise<{ status: number; answer: StandInAnswer; text: string }> => {
  const forward: Forward = balancing.forward;
  const { status, body = '' } = await forward({
    loadBalancerArn,
    port: 80,
    method: 'POST',
    target: path,
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: Buffer.from('question'),
  });
  const text = Buffer.from(body as Uint8Array).toString('utf8');
  return { status, text, answer: text.startsWith('{') ? JSON.parse(text) : undefined };
};

it('refuses a page that no list has, and listeners of nothing', async () => {
  await expect(ecs.send(new ListServicesCommand({ cluster: CLUSTER, nextToken: 'next' }))).rejects.toThrow(
    'nextToken must be an integer',
  );
  await expect(elb.send(new DescribeListenersCommand({}))).rejects.toThrow('Either a load balancer ARN or listener');
});

describe('a service', () => {
  it('runs as many programs as are wanted, behind its load balancer, with their variables and logs', async () => {
    await createService('several', await register('several', { COLOUR: 'green' }), 2);
    await atRest();

    const answers = [await ask('/several/x?y=1'), await ask('/several/x?y=1')];

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(new Set(answers.map(({ answer }) => answer.pid)).size).toBe(2);
    expect(answers[0]?.answer).toMatchObject({
      url: '/several/x?y=1',
      method: 'POST',
      environment: { COLOUR: 'green' },
    });
    expect(Buffer.from(answers[0]?.answer.body ?? '', 'base64').toString()).toBe('question');
    expect(await describeService('several')).toMatchObject({
      runningCount: 2,
      deployments: [{ status: 'PRIMARY', rolloutState: 'COMPLETED' }],
    });
    expect(local.recorded.logLines.filter(({ logGroup }) => logGroup === '/ecs/several')).toHaveLength(2);
  });

  it('replaces a program that dies, and one that is stopped', async () => {
    await createService('mended', await register('mended', {}), 1);
    await atRest();
    const { answer: first } = await ask('/mended/x');

    const [firstTask] = await runningTasks('mended');
    process.kill(first.pid, 'SIGKILL');
    await gone('mended', firstTask);
    const { answer: second } = await ask('/mended/x');
    const taskArns = await runningTasks('mended');
    await ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: taskArns[0], reason: 'test' }));
    await gone('mended', taskArns[0]);
    const { answer: third } = await ask('/mended/x');
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }));

    expect(new Set([first.pid, second.pid, third.pid]).size).toBe(3);
    expect(tasks?.[0]).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'UserInitiated', stoppedReason: 'test' });
    expect(local.recorded.logLines.filter(({ logGroup }) => logGroup === '/ecs/mended').at(-2)?.message).toBe(
      'stopping',
    );
  });

  it('changes to another definition without a request that fails', async () => {
    await createService('changed', await register('changed', { V: '1' }), 1);
    await atRest();
    const next = await register('changed', { V: '2', STAND_IN: '{"readyAfterMs":300}' });

    await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: 'changed', taskDefinition: next }));
    const during: string[] = [];
    for (let i = 0; i < 20; i += 1) {
      const { status, answer } = await ask('/changed/x');
      during.push(status === 200 ? (answer.environment.V ?? '') : String(status));
      await sleep(20);
    }
    await atRest();

    expect(during[0]).toBe('1');
    expect(during.filter((version) => version !== '1' && version !== '2')).toEqual([]);
    expect((await ask('/changed/x')).answer.environment.V).toBe('2');
    expect((await describeService('changed'))?.deployments).toHaveLength(1);
  });

  it('gives a deployment up whose programs leave at once, and keeps what ran', async () => {
    await createService('broken', await register('broken', { V: '1' }), 1);
    await atRest();
    const bad = await register('broken', { STAND_IN: '{"exitCode":3}' });

    await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: 'broken', taskDefinition: bad }));
    for (let i = 0; i < 5; i += 1) {
      await atRest();
      await local.clock.advanceBy(60_000);
    }

    const service = await describeService('broken');
    expect(service?.deployments?.[0]).toMatchObject({ rolloutState: 'FAILED', failedTasks: 3 });
    expect((await ask('/broken/x')).answer.environment.V).toBe('1');

    // However few are wanted of it since, it has not succeeded.
    await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: 'broken', desiredCount: 0 }));
    await atRest();
    expect((await describeService('broken'))?.deployments?.[0]).toMatchObject({ rolloutState: 'FAILED' });
  });

  it('tells its tasks what they are, and what time it is in the cloud', async () => {
    await createService('told', await register('told', {}), 1);
    await atRest();
    await local.clock.advanceBy(86_400_000);

    const { environment, nowMs } = (await ask('/told/x')).answer;
    const [taskArn] = await runningTasks('told');
    const metadata = await fetch(`${environment.ECS_CONTAINER_METADATA_URI_V4}/task`);

    // It flows on from what it was told.
    expect(nowMs - local.clock.nowMs()).toBeGreaterThanOrEqual(0);
    expect(nowMs - local.clock.nowMs()).toBeLessThan(30_000);
    expect(await metadata.json()).toMatchObject({ Cluster: CLUSTER, TaskARN: taskArn, Family: 'told', Revision: '1' });
    expect((await fetch(new URL('/v4/other/task', environment.ECS_CONTAINER_METADATA_URI_V4))).status).toBe(404);
  });

  it('says so when nothing stands for its image', async () => {
    await createService('imageless', await register('imageless', {}, 'unknown'), 1);
    await atRest();

    const { taskArns = [] } = await ecs.send(
      new ListTasksCommand({ cluster: CLUSTER, serviceName: 'imageless', desiredStatus: 'STOPPED' }),
    );
    const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns.slice(0, 1) }));
    await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: 'imageless', desiredCount: 0 }));

    expect(tasks?.[0]?.stopCode).toBe('TaskFailedToStart');
    expect(tasks?.[0]?.stoppedReason).toContain('image unknown has no local command');
  });

  it('runs nothing when nothing is wanted, and then answers as a load balancer without targets', async () => {
    await createService('none', await register('none', {}), 0);
    await atRest();

    const { status, text } = await ask('/none/x');

    expect(status).toBe(503);
    expect(text).toContain('503 Service Temporarily Unavailable');
  });
});

describe('a rule', () => {
  it('divides requests by weight, and counts them by target group', async () => {
    const blue = await createService('blue', await register('blue', { SLOT: 'blue' }), 1);
    const green = await createService(
      'green',
      await register('green', { SLOT: 'green', STAND_IN: '{"failPath":"bad"}' }),
      1,
    );
    await atRest();
    const weights = [
      { TargetGroupArn: blue.group, Weight: 900 },
      { TargetGroupArn: green.group, Weight: 100 },
    ];
    await elb.send(
      new ModifyRuleCommand({
        RuleArn: blue.rule,
        Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: weights } }],
      }),
    );

    const slots: string[] = [];
    for (let i = 0; i < 300; i += 1) slots.push((await ask('/blue/x')).answer.environment.SLOT ?? '');
    const bad = await ask('/green/bad');
    const { Rules } = await elb.send(new DescribeRulesCommand({ RuleArns: [blue.rule] }));
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [green.group] }));
    const health = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: green.group }));

    const greenShare = slots.filter((slot) => slot === 'green').length / slots.length;
    expect(greenShare).toBeGreaterThan(0.03);
    expect(greenShare).toBeLessThan(0.2);
    expect(bad.status).toBe(500);
    expect(Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups).toEqual(weights);
    expect(TargetGroups?.[0]?.LoadBalancerArns).toEqual([loadBalancerArn]);
    expect(health.TargetHealthDescriptions?.map(({ TargetHealth }) => TargetHealth?.State)).toEqual(['healthy']);
    const failures = local.recorded.metrics.filter(
      ({ name, dimensions }) =>
        name === 'HTTPCode_Target_5XX_Count' && dimensions.TargetGroup?.startsWith('targetgroup/green/'),
    );
    expect(failures).toHaveLength(1);
  });

  it('is refused with an action that this load balancer does not have', async () => {
    const redirect = new CreateRuleCommand({
      ListenerArn: listenerArn,
      Priority: 400,
      Conditions: [{ Field: 'path-pattern', Values: ['/r'] }],
      Actions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }],
    });

    await expect(elb.send(redirect)).rejects.toThrow('Type must be one of forward, fixed-response');
  });

  it('answers what the listener says where no rule matches', async () => {
    expect(await ask('/nowhere')).toMatchObject({ status: 404, text: '{}' });
  });
});
