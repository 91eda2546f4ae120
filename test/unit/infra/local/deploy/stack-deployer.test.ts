import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { ResourceProvider } from '../../../../../infra/local/contracts.ts';
import type { DeployerOptions } from '../../../../../infra/local/deploy/deployment.ts';
import { importResources } from '../../../../../infra/local/deploy/import-resources.ts';
import { destroyStack } from '../../../../../infra/local/deploy/stack-deletion.ts';
import { deployStack, type StackChanges } from '../../../../../infra/local/deploy/stack-deployer.ts';
import { createStackState, type StackState } from '../../../../../infra/local/deploy/stack-state.ts';
import { readTemplate } from '../../../../../infra/local/deploy/template.ts';
import { openStateStore } from '../../../../../infra/local/state-store.ts';

/** `<Name>` in the text becomes the placeholder that `Fn::Sub` replaces. */
const variables = (text: string): string => text.replace(/<(.+?)>/g, '$' + '{$1}');
const sub = (text: string) => ({ 'Fn::Sub': variables(text) });

const calls: string[] = [];
/** Calls after which the process dies: before the deployer hears of what the provider did. */
const deadly = new Set<string>();
let state: StackState;
beforeEach(() => {
  calls.length = 0;
  deadly.clear();
  state = createStackState(openStateStore({ folder: join(tmpdir(), 'deployer-test'), inMemory: true }));
});

const note = (call: string): void => {
  calls.push(call);
  if (deadly.has(call)) throw new Killed(call);
};
class Killed extends Error {}

/** `Name` is the physical id, as a name that cannot change in place; `Fail: true` makes the provider refuse. */
const thing: ResourceProvider = {
  create: async ({ logicalId, properties, generatedName }) => {
    note(`create ${logicalId}`);
    if (properties.Fail === true) throw new Error('it was refused');
    return { physicalId: String(properties.Name ?? generatedName), attributes: { Arn: `arn:${logicalId}` } };
  },
  update: async ({ logicalId, properties, physicalId }) => {
    note(`update ${logicalId} to ${JSON.stringify(properties)}`);
    if (properties.Fail === true) throw new Error('it was refused');
    return { physicalId: String(properties.Name ?? physicalId), attributes: { Arn: `arn:${logicalId}` } };
  },
  delete: async ({ physicalId, properties }) => {
    note(`delete ${physicalId}`);
    if (properties.Stuck === true) throw new Error('it is in use');
  },
};

/** A queue's name cannot change in place (`QueueName`); its physical id is the name, chosen or generated. */
const queue: ResourceProvider = {
  ...thing,
  create: async ({ logicalId, properties, generatedName }) => {
    note(`create ${logicalId}`);
    if (properties.Fail === true) throw new Error('it was refused');
    const physicalId = String(properties.QueueName ?? generatedName);
    return { physicalId, attributes: { Arn: `arn:${physicalId}` } };
  },
  update: async ({ logicalId, properties, physicalId }) => {
    note(`update ${logicalId} to ${JSON.stringify(properties)}`);
    if (properties.Fail === true) throw new Error('it was refused');
    return { physicalId, attributes: { Arn: `arn:${physicalId}` } };
  },
};
const PROVIDERS: Readonly<Record<string, ResourceProvider>> = { 'T::Thing': thing, 'AWS::SQS::Queue': queue };

const options = (): DeployerOptions => ({
  identity: { region: 'us-east-1', accountId: '000000000000', partition: 'aws' },
  state,
  providerFor: (type) => PROVIDERS[type],
  nowMs: () => 1_000,
  log: () => undefined,
});

/** What a process that dies leaves: nothing after the deadly call was done. */
const killedAt = async (call: string, work: () => Promise<unknown>): Promise<void> => {
  deadly.add(call);
  const before = state;
  state = diesWith(before);
  await work().catch(() => undefined);
  expect(calls).toContain(call);
  state = before;
  deadly.clear();
  calls.length = 0;
};

/** A state that writes nothing any more once a deadly call was made. */
const diesWith = (alive: StackState): StackState => {
  const isDead = (): boolean => calls.some((call) => deadly.has(call));
  return new Proxy(alive, {
    get: (target, key) => {
      const value = target[key as keyof StackState] as (...given: unknown[]) => unknown;
      return /^(put|remove|clear|add)/.test(String(key))
        ? (...given: unknown[]) => (isDead() ? 0 : value(...given))
        : value;
    },
  });
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
  const body = { Resources, ...sections };
  const stack = { stackName, template: readTemplate(stackName, body), templateBody: JSON.stringify(body) };
  return deployStack(options(), stack);
};

const status = (stackName = 'S'): string | undefined => state.stack(stackName)?.status;
const eventsSince = (count: number): readonly string[] =>
  state
    .events('S')
    .slice(count)
    .map(({ logicalId, status: one }) => `${logicalId} ${one}`);
const queueOf = (properties: object, more: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: properties,
  ...more,
});

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
  const old = state.resource('S', 'Q')?.physicalId;
  calls.length = 0;

  await deploy({ Q: queueOf({ FifoQueue: true }), R: reads });

  const next = state.resource('S', 'Q')?.physicalId;
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
  const old = state.resource('S', 'Q')?.physicalId;
  calls.length = 0;

  await deploy({ Q: queueOf({ FifoQueue: true }, kept) });

  expect(calls).toEqual(['create Q']);
  expect(state.retained().map(({ logicalId, physicalId }) => [logicalId, physicalId])).toEqual([['Q', old]]);
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

test('returns every resource to how it stood when an update fails, replaced ones too', async () => {
  const first = { A: named('a', { x: 1 }), Q: queueOf({ FifoQueue: false }), R: { Properties: { q: { Ref: 'Q' } } } };
  await deploy(first);
  const before = new Map(state.resources('S'));

  const failing = deploy({
    A: named('a', { x: 2 }),
    Q: queueOf({ FifoQueue: true }),
    R: { Properties: { q: { Ref: 'Q' } } },
    Z: named('z', { Fail: true, q: { Ref: 'R' } }),
  });

  await expect(failing).rejects.toThrow('rolled back: R, Q, A');
  expect(state.resources('S')).toEqual(before);
  expect(status()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await deploy(first)).toEqual({ created: [], updated: [], deleted: [] });
  expect(status()).toBe('UPDATE_COMPLETE');
});

test('keeps on a failed creation what says Retain, and begins anew under another name', async () => {
  const Q = queueOf({}, { DeletionPolicy: 'Retain' });
  await expect(deploy({ Q, Z: named('z', { Fail: true, q: { Ref: 'Q' } }) })).rejects.toThrow('rolled back: Q');
  const [left] = state.retained();
  expect(left).toMatchObject({ stackName: 'S', logicalId: 'Q', type: 'AWS::SQS::Queue' });
  expect(calls.filter((call) => call.startsWith('delete'))).toEqual([]);

  await deploy({ Q });

  expect(status()).toBe('CREATE_COMPLETE');
  expect(state.resource('S', 'Q')?.physicalId).not.toBe(left?.physicalId);
});

test('drops from the stack what its update cannot delete, and says so', async () => {
  await deploy({ A: named('a'), B: named('b', { Stuck: true }) });

  expect(await deploy({ A: named('a') })).toEqual({ created: [], updated: [], deleted: ['B'] });

  expect(status()).toBe('UPDATE_COMPLETE');
  expect(eventsSince(6)).toContain('B DELETE_FAILED');
  expect(state.retained().map(({ physicalId }) => physicalId)).toEqual(['b']);
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
  expect(state.exportValue('S:V')).toBe('one');
});

test('goes on with a creation that was killed, under the names that it had chosen', async () => {
  const template = { Q: queueOf({}), R: { Properties: { q: { Ref: 'Q' } } } };
  await deploy(template, {}, 'Whole');
  const whole = state.resource('Whole', 'Q')?.physicalId.replace('Whole', 'S').slice(0, 4);
  calls.length = 0;

  await killedAt('create Q', () => deploy(template));
  expect(status()).toBe('CREATE_IN_PROGRESS');
  await deploy(template);

  expect(calls).toEqual(['create Q', expect.stringMatching(/^create R/)]);
  expect(state.resource('S', 'Q')?.physicalId.slice(0, 4)).toBe(whole);
  expect(state.resource('S', 'Q')).not.toHaveProperty('generation');
  expect(status()).toBe('CREATE_COMPLETE');
});

test('goes back, after a kill, to how everything stood before the update that was killed', async () => {
  await deploy({ A: named('a', { x: 1 }), Q: queueOf({ FifoQueue: false }) });
  const before = new Map(state.resources('S'));
  const next = { A: named('a', { x: 2 }), Q: queueOf({ FifoQueue: true }) };

  await killedAt('create Q', () => deploy(next));
  await expect(deploy({ ...next, Z: named('z', { Fail: true, q: { Ref: 'Q' } }) })).rejects.toThrow(
    'rolled back: Q, A',
  );

  expect(state.resources('S')).toEqual(before);
});

test('ends a rollback that was killed before it deploys again', async () => {
  await deploy({ A: named('a', { x: 1 }) });
  const failing = { A: named('a', { x: 2 }), Z: named('z', { Fail: true, a: { Ref: 'A' } }) };

  await killedAt('update A to {"Name":"a","x":1}', () => deploy(failing));
  expect(status()).toBe('UPDATE_ROLLBACK_IN_PROGRESS');
  await deploy({ A: named('a', { x: 3 }) });

  expect(calls).toEqual(['update A to {"Name":"a","x":1}', 'update A to {"Name":"a","x":3}']);
  expect(status()).toBe('UPDATE_COMPLETE');
});

test('deletes what a replacement left behind even if it was killed before', async () => {
  await deploy({ Q: queueOf({ FifoQueue: false }) });
  const old = state.resource('S', 'Q')?.physicalId;

  await killedAt(`delete ${old}`, () => deploy({ Q: queueOf({ FifoQueue: true }) }));
  expect(status()).toBe('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  await deploy({ Q: queueOf({ FifoQueue: true }) });

  expect(calls).toEqual([`delete ${old}`]);
  expect(status()).toBe('UPDATE_COMPLETE');
});

test('destroys from the last to the first, keeps what is retained, and goes on where it was stuck', async () => {
  const template = {
    A: { ...named('a'), DeletionPolicy: 'Retain' },
    B: named('b', { Stuck: true, a: { Ref: 'A' } }),
    C: named('c'),
  };
  await deploy(template);
  calls.length = 0;

  await expect(destroyStack(options(), 'S')).rejects.toThrow('S/B (T::Thing) was not deleted: it is in use');
  expect(status()).toBe('DELETE_FAILED');
  const stuck = state.resource('S', 'B');
  if (stuck) state.putResource('S', 'B', { ...stuck, properties: {} });

  expect(await destroyStack(options(), 'S')).toEqual({
    deleted: ['B'],
    retained: [{ logicalId: 'A', type: 'T::Thing', physicalId: 'a' }],
  });
  expect(calls).toEqual(['delete c', 'delete b', 'delete b']);
  expect(status()).toBe('DELETE_COMPLETE');
});

test('gives a stack that is made again new resources, and takes over the old ones by an import', async () => {
  const Q = queueOf({}, { DeletionPolicy: 'Retain' });
  await deploy({ Q });
  const old = state.resource('S', 'Q')?.physicalId ?? '';
  await destroyStack(options(), 'S');
  const body = { Resources: { Q } };
  const stack = { stackName: 'S', template: readTemplate('S', body), templateBody: JSON.stringify(body) };

  expect(() => importResources(options(), stack, { Q: 'another' })).toThrow('was not left behind by a stack');
  expect(importResources(options(), stack, { Q: old })).toEqual(['Q']);
  calls.length = 0;
  expect(await deploy({ Q })).toEqual({ created: [], updated: [], deleted: [] });

  expect(calls).toEqual([]);
  expect(state.resource('S', 'Q')?.physicalId).toBe(old);
  expect(state.retained()).toEqual([]);
  await destroyStack(options(), 'S');
  await deploy({ Q });
  expect(state.resource('S', 'Q')?.physicalId).not.toBe(old);
});

test('deletes no stack that is protected from it', async () => {
  const body = { Resources: { A: { Type: 'T::Thing', ...named('a') } } };
  const stack = { stackName: 'S', template: readTemplate('S', body), templateBody: JSON.stringify(body) };
  await deployStack(options(), { ...stack, terminationProtection: true });

  await expect(destroyStack(options(), 'S')).rejects.toThrow(
    'Stack [S] cannot be deleted while TerminationProtection is enabled',
  );
  await deployStack(options(), { ...stack, terminationProtection: false, templateBody: '' });
  expect(await destroyStack(options(), 'S')).toMatchObject({ deleted: ['A'] });
});
