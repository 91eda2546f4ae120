import { beforeEach, expect, test } from 'vitest';
import { createDeployerBench, named, queueOf } from '../../../../helpers/deployer-bench.ts';

const bench = createDeployerBench();
const { calls, deploy, killedAt, status } = bench;
beforeEach(bench.reset);

test('takes back what was done when a resource fails, and names it', async () => {
  await deploy({ A: named('a', { x: 1 }) });
  calls.length = 0;

  const failing = deploy({ A: named('a', { x: 2 }), B: named('b'), C: named('c', { Fail: true }) });

  await expect(failing).rejects.toThrow('S/C (T::Thing) failed: it was refused; rolled back: B, A');
  expect(calls.slice(-2)).toEqual(['delete b', 'update A to {"Name":"a","x":1}']);
  calls.length = 0;
  expect(await deploy({ A: named('a', { x: 1 }) })).toEqual({ created: [], updated: [], deleted: [] });
});

test('returns every resource to how it stood when an update fails, replaced ones too', async () => {
  const first = { A: named('a', { x: 1 }), Q: queueOf({ FifoQueue: false }), R: { Properties: { q: { Ref: 'Q' } } } };
  await deploy(first);
  const before = new Map(bench.state.resources('S'));

  const failing = deploy({
    A: named('a', { x: 2 }),
    Q: queueOf({ FifoQueue: true }),
    R: { Properties: { q: { Ref: 'Q' } } },
    Z: named('z', { Fail: true, q: { Ref: 'R' } }),
  });

  await expect(failing).rejects.toThrow('rolled back: R, Q, A');
  expect(bench.state.resources('S')).toEqual(before);
  expect(status()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await deploy(first)).toEqual({ created: [], updated: [], deleted: [] });
  expect(status()).toBe('UPDATE_COMPLETE');
});

test('keeps on a failed creation what says Retain, and begins anew under another name', async () => {
  const Q = queueOf({}, { DeletionPolicy: 'Retain' });
  await expect(deploy({ Q, Z: named('z', { Fail: true, q: { Ref: 'Q' } }) })).rejects.toThrow('rolled back: Q');
  const [left] = bench.state.retained();
  expect(left).toMatchObject({ stackName: 'S', logicalId: 'Q', type: 'AWS::SQS::Queue' });
  expect(calls.filter((call) => call.startsWith('delete'))).toEqual([]);

  await deploy({ Q });

  expect(status()).toBe('CREATE_COMPLETE');
  expect(bench.state.resource('S', 'Q')?.physicalId).not.toBe(left?.physicalId);
});

test('goes back, after a kill, to how everything stood before the update that was killed', async () => {
  await deploy({ A: named('a', { x: 1 }), Q: queueOf({ FifoQueue: false }) });
  const before = new Map(bench.state.resources('S'));
  const next = { A: named('a', { x: 2 }), Q: queueOf({ FifoQueue: true }) };

  await killedAt('create Q', () => deploy(next));
  await expect(deploy({ ...next, Z: named('z', { Fail: true, q: { Ref: 'Q' } }) })).rejects.toThrow(
    'rolled back: Q, A',
  );

  expect(bench.state.resources('S')).toEqual(before);
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
