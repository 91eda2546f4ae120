import {
  DeregisterTaskDefinitionCommand,
  DescribeTaskDefinitionCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEcsService } from '../../../../../infra/local/ecs/service.ts';
import { createLoadBalancingService } from '../../../../../infra/local/elbv2/service.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';

const IMAGE = 'server@sha256:0';

let local: StartedService;
let ecs: ECSClient;

beforeAll(async () => {
  local = await startLocalService([
    (context) => createEcsService(context, { localImages: {}, targets: createLoadBalancingService(context).targets }),
  ]);
  ecs = new ECSClient(local.clientConfig);
});
afterAll(async () => {
  await local?.stop();
  ecs?.destroy();
});

const register = async (family: string, value: string): Promise<string> => {
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '512',
      memory: '1024',
      containerDefinitions: [{ name: 'server', image: IMAGE, environment: [{ name: 'A', value }] }],
    }),
  );
  return taskDefinition?.taskDefinitionArn ?? '';
};

describe('task definitions', () => {
  it('are numbered by family, and stay told of when they are deregistered', async () => {
    const first = await register('numbered', '1');
    await register('numbered', '2');
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: first }));

    const listed = await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: 'numbered', sort: 'DESC' }));
    const newest = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: 'numbered' }));
    const old = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: first }));

    expect(listed.taskDefinitionArns).toEqual(['arn:aws:ecs:us-east-1:000000000000:task-definition/numbered:2']);
    expect(newest.taskDefinition).toMatchObject({ revision: 2, status: 'ACTIVE', cpu: '512' });
    expect(newest.taskDefinition?.containerDefinitions?.[0]?.environment).toContainEqual({ name: 'A', value: '2' });
    expect(old.taskDefinition).toMatchObject({ revision: 1, status: 'INACTIVE' });
  });

  it('are refused with an option that nothing here does', async () => {
    const secret = new RegisterTaskDefinitionCommand({
      family: 'secret',
      containerDefinitions: [{ name: 'a', image: IMAGE, secrets: [{ name: 'X', valueFrom: 'arn' }] }],
    });

    await expect(ecs.send(secret)).rejects.toThrow('containerDefinitions[0].secrets is not supported here');
  });
});
