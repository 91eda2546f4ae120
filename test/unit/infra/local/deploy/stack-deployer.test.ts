import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { ResourceProvider } from '../../../../../infra/local/contracts.ts';
import { deployStack, type StackChanges } from '../../../../../infra/local/deploy/stack-deployer.ts';
import { createStackState, type StackState } from '../../../../../infra/local/deploy/stack-state.ts';
import { readTemplate } from '../../../../../infra/local/deploy/template.ts';
import { openStateStore } from '../../../../../infra/local/state-store.ts';

/** `<Name>` in the text becomes the placeholder that `Fn::Sub` replaces. */
const variables = (text: string): string => text.replace(/<(.+?)>/g, '$' + '{$1}');
const sub = (text: string) => ({ 'Fn::Sub': variables(text) });

const calls: string[] = [];
let state: StackState;
beforeEach(() => {
  calls.length = 0;
  state = createStackState(openStateStore({ folder: join(tmpdir(), 'deployer-test'), inMemory: true }));
});

/** `Name` is the physical id, as a name that cannot change in place; `Fail: true` makes the provider refuse. */
const thing: ResourceProvider = {
  create: async ({ logicalId, properties, generatedName }) => {
    calls.push(`create ${logicalId}`);
    if (properties.Fail === true) throw new Error('it was refused');
    return { physicalId: String(properties.Name ?? generatedName), attributes: { Arn: `arn:${logicalId}` } };
  },
  update: async ({ logicalId, properties, physicalId }) => {
    calls.push(`update ${logicalId} to ${JSON.stringify(properties)}`);
    if (properties.Fail === true) throw new Error('it was refused');
    return { physicalId: String(properties.Name ?? physicalId), attributes: { Arn: `arn:${logicalId}` } };
  },
  delete: async ({ physicalId }) => void calls.push(`delete ${physicalId}`),
};

type Resources = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const deploy = (
  resources: Resources,
  sections: Readonly<Record<string, unknown>> = {},
  stackName = 'S',
): Promise<StackChanges> => {
  const Resources = Object.fromEntries(
    Object.entries(resources).map(([id, one]) => [id, { Type: 'T::Thing', ...one }]),
  );
  return deployStack(
    {
      identity: { region: 'us-east-1', accountId: '000000000000', partition: 'aws' },
      state,
      providerFor: (type) => (type === 'T::Thing' ? thing : undefined),
      log: () => undefined,
    },
    { stackName, template: readTemplate(stackName, { Resources, ...sections }) },
  );
};

const named = (Name: string, more: object = {}) => ({ Properties: { Name, ...more } });

test('creates what others refer to or depend on first, whatever the order in the template', async () => {
  await deploy({
    Last: { DependsOn: ['Middle'], Properties: {} },
    Middle: { Properties: { a: sub('x-<First>'), b: { 'Fn::GetAtt': ['Second', 'Arn'] } } },
    Second: { Properties: { a: { Ref: 'First' } } },
    First: { Properties: {} },
  });

  expect(calls).toEqual(['create First', 'create Second', 'create Middle', 'create Last']);
});

test('does nothing when nothing changed, updates what changed and deletes what is gone, latest first', async () => {
  await deploy({ A: named('a'), B: named('b'), C: named('c') });
  calls.length = 0;

  expect(await deploy({ A: named('a'), B: named('b'), C: named('c') })).toEqual({
    created: [],
    updated: [],
    deleted: [],
  });
  expect(await deploy({ A: named('a', { x: 1 }) })).toEqual({ created: [], updated: ['A'], deleted: ['C', 'B'] });

  expect(calls).toEqual(['update A to {"Name":"a","x":1}', 'delete c', 'delete b']);
});

test('keeps what is retained and deletes what a replacement left behind after everything stands', async () => {
  await deploy({
    A: { ...named('a'), DeletionPolicy: 'Retain' },
    B: named('b1'),
    C: { Properties: { b: { Ref: 'B' } } },
  });
  calls.length = 0;

  await deploy({ B: named('b2'), C: { Properties: { b: { Ref: 'B' } } } });

  expect(calls).toEqual(['update B to {"Name":"b2"}', 'update C to {"b":"b2"}', 'delete b1']);
});

test('takes back what was done when a resource fails, and names it', async () => {
  await deploy({ A: named('a', { x: 1 }) });
  calls.length = 0;

  const failing = deploy({ A: named('a', { x: 2 }), B: named('b'), C: named('c', { Fail: true }) });

  await expect(failing).rejects.toThrow('S/C (T::Thing) failed: it was refused; rolled back: B, A');
  expect(calls.slice(-2)).toEqual(['delete b', 'update A to {"Name":"a","x":1}']);
  calls.length = 0;
  expect(await deploy({ A: named('a', { x: 1 }) })).toEqual({ created: [], updated: [], deleted: [] });
});

test('refuses an unknown resource type before it touches anything', async () => {
  await expect(deploy({ A: named('a'), Odd: { Type: 'AWS::Odd::Thing' } })).rejects.toThrow(
    'S/Odd: resource type AWS::Odd::Thing is not supported',
  );
  expect(calls).toEqual([]);
});

test('refuses a circular dependency, an unknown section and an unknown attribute by name', async () => {
  const ring = { A: { Properties: { b: { Ref: 'B' } } }, B: { DependsOn: 'A' } };

  await expect(deploy(ring)).rejects.toThrow('circular dependency between resources: A → B → A');
  expect(() => deploy({ A: { Properties: {} } }, { Transform: 'AWS::Serverless' })).toThrow(
    'Transform is not supported',
  );
  expect(() => deploy({ A: { UpdatePolicy: {} } })).toThrow('S/A: UpdatePolicy is not supported');
});

test('obeys conditions and gives outputs and exports that other stacks import', async () => {
  await deploy(
    { A: named('a'), B: { ...named('b'), Condition: 'Never' } },
    {
      Parameters: {
        BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
        Size: { Type: 'Number', Default: 3 },
      },
      Conditions: { Never: { 'Fn::Equals': [{ Ref: 'Size' }, '4'] } },
      Outputs: {
        Arn: { Value: { 'Fn::GetAtt': ['A', 'Arn'] }, Export: { Name: sub('<AWS::StackName>:Arn') } },
      },
    },
  );
  await deploy({ C: { Properties: { from: { 'Fn::ImportValue': 'S:Arn' } } } }, {}, 'Other');

  expect(state.outputs()).toEqual({ S: { Arn: 'arn:A' }, Other: {} });
  expect(state.resources('Other').get('C')?.properties).toEqual({ from: 'arn:A' });
  expect(state.resources('S').has('B')).toBe(false);
});
