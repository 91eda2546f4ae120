import { beforeEach, expect, test } from 'vitest';
import { importResources } from '../../../../../infra/local/deploy/import-resources.ts';
import { destroyStack } from '../../../../../infra/local/deploy/stack-deletion.ts';
import { deployStack } from '../../../../../infra/local/deploy/stack-deployer.ts';
import { readTemplate } from '../../../../../infra/local/deploy/template.ts';
import { createDeployerBench, named, queueOf } from '../../../../helpers/deployer-bench.ts';

const bench = createDeployerBench();
const { calls, deploy, options, status } = bench;
beforeEach(bench.reset);

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
  const stuck = bench.state.resource('S', 'B');
  if (stuck) bench.state.putResource('S', 'B', { ...stuck, properties: {} });

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
  const old = bench.state.resource('S', 'Q')?.physicalId ?? '';
  await destroyStack(options(), 'S');
  const body = { Resources: { Q } };
  const stack = { stackName: 'S', template: readTemplate('S', body), templateBody: JSON.stringify(body) };

  expect(() => importResources(options(), stack, { Q: 'another' })).toThrow('was not left behind by a stack');
  expect(importResources(options(), stack, { Q: old })).toEqual(['Q']);
  calls.length = 0;
  expect(await deploy({ Q })).toEqual({ created: [], updated: [], deleted: [] });

  expect(calls).toEqual([]);
  expect(bench.state.resource('S', 'Q')?.physicalId).toBe(old);
  expect(bench.state.retained()).toEqual([]);
  await destroyStack(options(), 'S');
  await deploy({ Q });
  expect(bench.state.resource('S', 'Q')?.physicalId).not.toBe(old);
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
