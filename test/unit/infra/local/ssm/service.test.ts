import { describe, expect, it, onTestFinished } from 'vitest';
import { createSsmService } from '../../../../../infra/local/ssm/service.ts';
import { startLocalService } from '../../../../helpers/local-service.ts';
import { callJson } from '../../../../helpers/wire-request.ts';

const start = async () => {
  const local = await startLocalService(createSsmService);
  onTestFinished(() => local.stop());
  const service = local.services[0];
  if (service === undefined) throw new Error('no service');
  return { service, call: callJson(service, 'AmazonSSM') };
};

describe('the parameter store', () => {
  it('counts a version for every change', async () => {
    const { call } = await start();
    await call('PutParameter', { Name: '/a/b', Type: 'String', Value: '1' });
    await call('PutParameter', { Name: '/a/b', Type: 'String', Value: '2', Overwrite: true });

    const { Parameter } = await call('GetParameter', { Name: '/a/b' });

    expect(Parameter).toMatchObject({
      Value: '2',
      Version: 2,
      ARN: 'arn:aws:ssm:us-east-1:000000000000:parameter/a/b',
    });
    await expect(call('PutParameter', { Name: '/a/b', Type: 'String', Value: '3' })).rejects.toThrow(
      'ParameterAlreadyExists',
    );
  });

  it('lists a folder, and the folders under it when asked', async () => {
    const { call } = await start();
    for (const Name of ['/a/x', '/a/y/z', '/ab']) await call('PutParameter', { Name, Type: 'String', Value: '1' });
    const names = async (input: object): Promise<string[]> => {
      const { Parameters } = await call('GetParametersByPath', { Path: '/a', ...input });
      return Parameters.map((parameter: { Name: string }) => parameter.Name);
    };

    expect(await names({})).toEqual(['/a/x']);
    expect(await names({ Recursive: true })).toEqual(['/a/x', '/a/y/z']);
  });

  it('is filled by the template, and names what it does not have', async () => {
    const { call, service } = await start();
    const made = await service.resources['AWS::SSM::Parameter']?.create({
      stackName: 's',
      logicalId: 'P',
      generatedName: 's-P-1',
      properties: { Type: 'String', Value: 'v' },
    });

    const answer = await call('GetParameters', { Names: ['s-P-1', 'none'] });

    expect(made).toEqual({ physicalId: 's-P-1', attributes: { Type: 'String', Value: 'v' } });
    expect(answer).toMatchObject({ Parameters: [{ Value: 'v' }], InvalidParameters: ['none'] });
    await expect(call('PutParameter', { Name: 'p', Type: 'SecureString', Value: 'x' })).rejects.toThrow('SecureString');
  });
});
