import { afterAll, beforeAll, expect, it } from 'vitest';
import type { LocalService } from '../../../../../infra/local/contracts.ts';
import { createCloudFormationService } from '../../../../../infra/local/deploy/cloudformation-service.ts';
import type { DeployerOptions } from '../../../../../infra/local/deploy/deployment.ts';
import { destroyStack } from '../../../../../infra/local/deploy/stack-deletion.ts';
import { deployStack } from '../../../../../infra/local/deploy/stack-deployer.ts';
import { createStackState } from '../../../../../infra/local/deploy/stack-state.ts';
import { readTemplate } from '../../../../../infra/local/deploy/template.ts';
import { type StartedService, startLocalService } from '../../../../helpers/local-service.ts';
import { sendWire } from '../../../../helpers/wire-request.ts';

let local: StartedService;
let service: LocalService;

const ask = async (Action: string, parameters: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { body } = await sendWire(service, { body: new URLSearchParams({ Action, ...parameters }).toString() });
  return String(body);
};

beforeAll(async () => {
  local = await startLocalService([createCloudFormationService]);
  [service] = local.services as [LocalService];
  const options: DeployerOptions = {
    identity: local.context,
    state: createStackState(local.context.store),
    providerFor: () => ({
      create: async ({ generatedName }) => ({ physicalId: generatedName, attributes: {} }),
      update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
      delete: async () => undefined,
    }),
    nowMs: () => Date.UTC(2001, 0, 1),
    log: () => undefined,
  };
  const deploy = (stackName: string, body: Readonly<Record<string, unknown>>) =>
    deployStack(options, {
      stackName,
      template: readTemplate(stackName, body),
      templateBody: JSON.stringify(body),
      description: 'a stack & more',
    });
  const A = { Type: 'T::Thing', Properties: {} };
  await deploy('first', { Resources: { A }, Outputs: { Name: { Value: 'one', Export: { Name: 'first:Name' } } } });
  await deploy('second', { Resources: { B: { ...A, Properties: { from: { 'Fn::ImportValue': 'first:Name' } } } } });
  await deploy('third', { Resources: { A } });
  await destroyStack(options, 'third');
});

afterAll(() => local.stop());

it('describes stacks with status and outputs, and knows no deleted one by its name', async () => {
  const answer = await ask('DescribeStacks', { StackName: 'first' });

  expect(answer).toContain('<StackStatus>CREATE_COMPLETE</StackStatus>');
  expect(answer).toContain('<Description>a stack &amp; more</Description>');
  expect(answer).toContain('<member><OutputKey>Name</OutputKey><OutputValue>one</OutputValue></member>');
  expect(answer).toContain('<CreationTime>2001-01-01T00:00:00.000Z</CreationTime>');
  expect((await ask('DescribeStacks')).match(/<StackName>\w+/g)).toEqual(['<StackName>first', '<StackName>second']);
  expect(await ask('DescribeStacks', { StackName: 'third' })).toContain(
    '<Code>ValidationError</Code><Message>Stack with id third does not exist</Message>',
  );
});

it('lists stacks by status, also deleted ones, and describes those by their id', async () => {
  const deleted = await ask('ListStacks', { 'StackStatusFilter.member.1': 'DELETE_COMPLETE' });
  const [, id = ''] = /<StackId>([^<]+)/.exec(deleted) ?? [];

  expect(deleted).toContain('<StackName>third</StackName>');
  expect(deleted).not.toContain('<StackName>first</StackName>');
  expect(id).toMatch(/^arn:aws:cloudformation:us-east-1:000000000000:stack\/third\/[0-9a-f-]{36}$/);
  expect(await ask('DescribeStacks', { StackName: id })).toContain('<StackStatus>DELETE_COMPLETE</StackStatus>');
});

it('tells events latest first, and the resources of a stack', async () => {
  const events = await ask('DescribeStackEvents', { StackName: 'first' });
  const resources = await ask('ListStackResources', { StackName: 'first' });

  expect(events.match(/<LogicalResourceId>\w+|<ResourceStatus>\w+/g)?.slice(0, 4)).toEqual([
    '<LogicalResourceId>first',
    '<ResourceStatus>CREATE_COMPLETE',
    '<LogicalResourceId>A',
    '<ResourceStatus>CREATE_COMPLETE',
  ]);
  expect(resources).toContain('<ResourceType>T::Thing</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>');
  expect(await ask('DescribeStackResources', { StackName: 'first', LogicalResourceId: 'B' })).toContain(
    '<StackResources></StackResources>',
  );
});

it('gives templates, exports and who imports them', async () => {
  expect(await ask('GetTemplate', { StackName: 'second' })).toContain('Fn::ImportValue');
  expect(await ask('ListExports')).toContain('<Name>first:Name</Name><Value>one</Value>');
  expect(await ask('ListImports', { ExportName: 'first:Name' })).toContain(
    '<Imports><member>second</member></Imports>',
  );
  expect(await ask('ListImports', { ExportName: 'x' })).toContain("Export 'x' is not imported by any stack.");
});

it('refuses by name what would change a stack, and options that it does not have', async () => {
  expect(await ask('DeleteStack', { StackName: 'first' })).toContain('action DeleteStack is not supported');
  expect(await ask('DescribeStacks', { StackName: 'first', Odd: '1' })).toContain('Odd is not supported here');
});
