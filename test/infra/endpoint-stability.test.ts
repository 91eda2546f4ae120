import { describe, expect, it } from 'vitest';
import { stageConfig } from '../../infra/aws/config.ts';
import { definition, fakeBundles, type Resource, synthesise } from './synthesise.ts';

const endpointOf = ({ templates }: ReturnType<typeof synthesise>) => {
  const entries = Object.entries(templates.serving.Resources);
  const select = (keep: (id: string, resource: Resource) => boolean) =>
    Object.fromEntries(entries.filter(([id, resource]) => keep(id, resource)));
  return {
    fixed: select((_, { Type }) => Type === 'AWS::Lambda::Version' || Type === 'AWS::Lambda::Alias'),
    functions: select((id, { Type }) => Type === 'AWS::Lambda::Function' && /Infer/.test(id)),
    roleIds: Object.keys(select((id, { Type }) => Type === 'AWS::IAM::Role' && /Infer/.test(id))),
  };
};

const plain = (memoryMb = 1_024) => [definition('flight-delay', { deployment: { memoryMb } }), definition('births')];

describe('what an endpoint serves belongs to run time', () => {
  const before = endpointOf(synthesise({ definitions: plain() }));

  it('so new code changes the function and neither its version nor its alias', () => {
    const after = endpointOf(synthesise({ definitions: plain(), bundles: fakeBundles('exports.handler = 1;\n') }));

    expect(after.functions).not.toEqual(before.functions);
    expect(after.fixed).toEqual(before.fixed);
    expect(after.roleIds).toEqual(before.roleIds);
  });

  it('so new settings, another architecture and more models change neither', () => {
    const stage = { ...stageConfig('dev'), architecture: 'x86_64', logRetentionDays: 7 } as const;
    const after = endpointOf(synthesise({ stage, definitions: [...plain(4_096), definition('added')] }));

    expect(after.functions).not.toEqual(before.functions);
    expect(after.fixed).toMatchObject(before.fixed);
    expect(after.roleIds).toEqual(expect.arrayContaining(before.roleIds));
  });

  it('and the alias is made once, on a version that pins no model', () => {
    const [alias] = Object.values(before.fixed).filter(({ Type }) => Type === 'AWS::Lambda::Alias');
    const [infer] = Object.values(before.functions);

    expect(alias?.Properties).toEqual({
      Name: 'live',
      FunctionName: { Ref: expect.any(String) },
      FunctionVersion: { 'Fn::GetAtt': [expect.stringContaining('NoModelInService'), 'Version'] },
    });
    const environment = infer?.Properties?.Environment as { Variables: object } | undefined;
    expect(Object.keys(environment?.Variables ?? {}).toSorted()).toEqual([
      'ARTIFACT_BUCKET',
      'AUDIT_TABLE',
      'CAPTURE_LIMIT_MS',
      'CAPTURE_STREAM',
      'MODEL_NAME',
      'ONLINE_TABLE',
      'REGISTRY_TABLE',
      'STAGE',
    ]);
  });

  it('and the API calls the alias, never the function', () => {
    const { serving } = synthesise({ definitions: plain() }).templates;
    const methods = Object.entries(serving.Resources).filter(
      ([id, { Type }]) => Type === 'AWS::ApiGateway::Method' && /modelsbirths/.test(id) && !/groundtruth/.test(id),
    );

    expect(methods).toHaveLength(4);
    for (const [, { Properties }] of methods) {
      expect(JSON.stringify(Properties)).toMatch(/"Ref":"BirthsLive\w+"/);
      expect(Properties?.AuthorizationType).toBe('AWS_IAM');
    }
  });
});
