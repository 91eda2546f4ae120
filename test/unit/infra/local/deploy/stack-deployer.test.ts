import { beforeEach, expect, test } from 'vitest';
import { destroyStack } from '../../../../../infra/local/deploy/stack-deletion.ts';
import { createDeployerBench, named, queueOf, sub } from '../../../../helpers/deployer-bench.ts';

const bench = createDeployerBench();
const { calls, deploy, eventsSince, killedAt, options, status } = bench;
beforeEach(bench.reset);

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

  expect(bench.state.outputs()).toEqual({ S: { Arn: 'arn:A' }, Other: {} });
  expect(bench.state.resources('Other').get('C')?.properties).toEqual({ from: 'arn:A' });
  expect(bench.state.resources('S').has('B')).toBe(false);
});

test('tells of every step as CloudFormation does, and of no update that changes nothing', async () => {
  await deploy({ A: named('a') });
  expect(eventsSince(0)).toEqual([
    'S CREATE_IN_PROGRESS',
    'A CREATE_IN_PROGRESS',
    'A CREATE_COMPLETE',
    'S CREATE_COMPLETE',
  ]);

  await deploy({ A: named('a') });
  expect(eventsSince(4)).toEqual([]);

  await deploy({ A: named('a', { x: 1 }) });
  expect(eventsSince(4)).toEqual([
    'S UPDATE_IN_PROGRESS',
    'A UPDATE_IN_PROGRESS',
    'A UPDATE_COMPLETE',
    'S UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    'S UPDATE_COMPLETE',
  ]);
});

test('replaces what cannot change in place: new first, references switched, old deleted last', async () => {
  const reads = { Properties: { arn: { 'Fn::GetAtt': ['Q', 'Arn'] } } };
  await deploy({ Q: queueOf({ FifoQueue: false }), R: reads });
  const old = bench.state.resource('S', 'Q')?.physicalId;
  calls.length = 0;

  await deploy({ Q: queueOf({ FifoQueue: true }), R: reads });

  const next = bench.state.resource('S', 'Q')?.physicalId;
  expect(next).not.toBe(old);
  expect(calls).toEqual(['create Q', `update R to {"arn":"arn:${next}"}`, `delete ${old}`]);
  calls.length = 0;
  expect(await deploy({ Q: queueOf({ FifoQueue: true }), R: reads })).toEqual({
    created: [],
    updated: [],
    deleted: [],
  });
});

test('keeps a replaced resource by its UpdateReplacePolicy, and knows what was left behind', async () => {
  const kept = { UpdateReplacePolicy: 'Retain', DeletionPolicy: 'Retain' };
  await deploy({ Q: queueOf({ FifoQueue: false }, kept) });
  const old = bench.state.resource('S', 'Q')?.physicalId;
  calls.length = 0;

  await deploy({ Q: queueOf({ FifoQueue: true }, kept) });

  expect(calls).toEqual(['create Q']);
  expect(bench.state.retained().map(({ logicalId, physicalId }) => [logicalId, physicalId])).toEqual([['Q', old]]);
});

test('refuses to replace a resource of a chosen name, in CloudFormation’s words, and takes the rest back', async () => {
  await deploy({ A: named('a', { x: 1 }), Q: queueOf({ QueueName: 'q', FifoQueue: false }) });
  calls.length = 0;

  await expect(deploy({ A: named('a', { x: 2 }), Q: queueOf({ QueueName: 'q', FifoQueue: true }) })).rejects.toThrow(
    'CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename q and update the stack again.; rolled back: A',
  );

  expect(calls).toEqual(['update A to {"Name":"a","x":2}', 'update A to {"Name":"a","x":1}']);
  expect(status()).toBe('UPDATE_ROLLBACK_COMPLETE');
});

test('refuses a chosen name that another stack has', async () => {
  await deploy({ Q: queueOf({ QueueName: 'q' }) });

  await expect(deploy({ P: queueOf({ QueueName: 'q' }) }, {}, 'Other')).rejects.toThrow(
    "Resource of type 'AWS::SQS::Queue' with identifier 'q' already exists. (S/Q)",
  );
  expect(status('Other')).toBe('ROLLBACK_COMPLETE');
});

test('drops from the stack what its update cannot delete, and says so', async () => {
  await deploy({ A: named('a'), B: named('b', { Stuck: true }) });

  expect(await deploy({ A: named('a') })).toEqual({ created: [], updated: [], deleted: ['B'] });

  expect(status()).toBe('UPDATE_COMPLETE');
  expect(eventsSince(6)).toContain('B DELETE_FAILED');
  expect(bench.state.retained().map(({ physicalId }) => physicalId)).toEqual(['b']);
});

const exporting = (value: string) => ({ Outputs: { V: { Value: value, Export: { Name: 'S:V' } } } });

test('changes no export that another stack was resolved with, deletes none, and gives no name twice', async () => {
  await deploy({ A: named('a') }, exporting('one'));
  await deploy({ B: { Properties: { v: { 'Fn::ImportValue': 'S:V' } } } }, {}, 'Other');

  await expect(deploy({ A: named('a') }, exporting('two'))).rejects.toThrow(
    'Export S:V cannot be updated as it is in use by Other',
  );
  await expect(deploy({ A: named('a') })).rejects.toThrow('Export S:V cannot be deleted as it is in use by Other');
  await expect(destroyStack(options(), 'S')).rejects.toThrow('Export S:V cannot be deleted as it is in use by Other');
  await expect(deploy({ C: named('c') }, exporting('x'), 'Third')).rejects.toThrow(
    'Export with name S:V is already exported by stack S.',
  );
  expect(bench.state.exportValue('S:V')).toBe('one');
});

test('goes on with a creation that was killed, under the names that it had chosen', async () => {
  const template = { Q: queueOf({}), R: { Properties: { q: { Ref: 'Q' } } } };
  await deploy(template, {}, 'Whole');
  const whole = bench.state.resource('Whole', 'Q')?.physicalId.replace('Whole', 'S').slice(0, 4);
  calls.length = 0;

  await killedAt('create Q', () => deploy(template));
  expect(status()).toBe('CREATE_IN_PROGRESS');
  await deploy(template);

  expect(calls).toEqual(['create Q', expect.stringMatching(/^create R/)]);
  expect(bench.state.resource('S', 'Q')?.physicalId.slice(0, 4)).toBe(whole);
  expect(bench.state.resource('S', 'Q')).not.toHaveProperty('generation');
  expect(status()).toBe('CREATE_COMPLETE');
});

test('deletes what a replacement left behind even if it was killed before', async () => {
  await deploy({ Q: queueOf({ FifoQueue: false }) });
  const old = bench.state.resource('S', 'Q')?.physicalId;

  await killedAt(`delete ${old}`, () => deploy({ Q: queueOf({ FifoQueue: true }) }));
  expect(status()).toBe('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  await deploy({ Q: queueOf({ FifoQueue: true }) });

  expect(calls).toEqual([`delete ${old}`]);
  expect(status()).toBe('UPDATE_COMPLETE');
});
