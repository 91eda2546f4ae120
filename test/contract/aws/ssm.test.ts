import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSsmService } from '../../../infra/local/ssm/service.ts';
import { type ContractTarget, openContractTarget } from '../../helpers/contract-target.ts';
import { type JsonClient, openJsonClient } from '../../helpers/json-client.ts';

/** The parameter store of Systems Manager. */

let target: ContractTarget;
let ssm: JsonClient;
let folder: string;

beforeAll(async () => {
  target = await openContractTarget([createSsmService]);
  ssm = await openJsonClient(target, { service: 'ssm', targetPrefix: 'AmazonSSM' });
  folder = `/${target.prefix}`;
});
afterAll(() => target.stop());

const put = (name: string, Value: string, more: object = {}) => {
  target.afterwards(() => ssm.call('DeleteParameters', { Names: [`${folder}/${name}`] }));
  return ssm.call('PutParameter', { Name: `${folder}/${name}`, Type: 'String', Value, ...more });
};

describe('a parameter', () => {
  it('gets a version with every write, each of which can be read', async () => {
    await put('versions', 'one');
    const second = await put('versions', 'two', { Overwrite: true });

    const { Parameter: newest } = await ssm.call('GetParameter', { Name: `${folder}/versions` });
    const { Parameter: first } = await ssm.call('GetParameter', { Name: `${folder}/versions:1` });
    const { Parameters } = await ssm.call('GetParameterHistory', { Name: `${folder}/versions` });

    expect(second).toMatchObject({ Version: 2, Tier: 'Standard' });
    expect(newest).toMatchObject({ Value: 'two', Version: 2 });
    expect(first).toMatchObject({ Value: 'one', Version: 1, Selector: ':1' });
    expect(Parameters.map(({ Value }: { Value: string }) => Value)).toEqual(['one', 'two']);
    await expect(ssm.call('GetParameter', { Name: `${folder}/versions:9` })).rejects.toMatchObject({
      name: 'ParameterVersionNotFound',
    });
  });

  it('is not overwritten by chance', async () => {
    await put('once', 'one');

    await expect(put('once', 'two')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
  });

  it('has 4 KB, or 8 KB in the advanced tier', async () => {
    await put('small', 'x'.repeat(4_096));
    await expect(put('large', 'x'.repeat(4_097))).rejects.toMatchObject({ name: 'ValidationException' });
    await put('large', 'x'.repeat(8_192), { Tier: 'Advanced' });
    await expect(put('larger', 'x'.repeat(8_193), { Tier: 'Advanced' })).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('obeys its pattern, and names that AWS keeps for itself are refused', async () => {
    await put('pattern', '42', { AllowedPattern: '^\\d+$' });

    await expect(put('pattern-2', 'x', { AllowedPattern: '^\\d+$' })).rejects.toMatchObject({
      name: 'ParameterPatternMismatchException',
    });
    await expect(ssm.call('PutParameter', { Name: '/aws/own', Type: 'String', Value: 'x' })).rejects.toMatchObject({
      name: expect.stringMatching(/^ValidationException$|^AccessDeniedException$/),
    });
    await expect(put('a/'.repeat(15).concat('deep'), 'x')).rejects.toMatchObject({
      name: 'HierarchyLevelLimitExceededException',
    });
  });

  it('that is not there is named', async () => {
    await put('there', 'x');

    const { Parameters, InvalidParameters } = await ssm.call('GetParameters', {
      Names: [`${folder}/there`, `${folder}/none`],
    });

    expect(Parameters).toMatchObject([{ Value: 'x' }]);
    expect(InvalidParameters).toEqual([`${folder}/none`]);
    await expect(ssm.call('GetParameter', { Name: `${folder}/none` })).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
  });
});

describe('a folder', () => {
  it('is listed in pages, with what lies deeper when asked', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `list/p${String(index).padStart(2, '0')}`);
    for (const name of [...names, 'list/deep/er']) await put(name, 'x');
    const Path = `${folder}/list`;

    const first = await ssm.call('GetParametersByPath', { Path });
    const second = await ssm.call('GetParametersByPath', { Path, NextToken: first.NextToken });
    const deep = await ssm.call('GetParametersByPath', { Path: `${folder}/list/deep`, Recursive: true });

    const listed = [...first.Parameters, ...second.Parameters].map(({ Name }: { Name: string }) => Name);
    expect(first.Parameters).toHaveLength(10);
    expect(second.NextToken).toBeUndefined();
    expect(listed.toSorted()).toEqual(names.map((name) => `${folder}/${name}`));
    expect(deep.Parameters).toMatchObject([{ Name: `${folder}/list/deep/er` }]);
  });
});
