import { describe, expect, it, onTestFinished } from 'vitest';
import { createRecordedResources } from '../../../../../infra/local/recorded/recorded-resources.ts';
import { startLocalService } from '../../../../helpers/local-service.ts';

const start = async () => {
  const local = await startLocalService([]);
  onTestFinished(() => local.stop());
  const resources = createRecordedResources(local.context);
  const context = (logicalId: string, properties: object) => ({
    stackName: 's',
    logicalId,
    generatedName: `s-${logicalId}-1`,
    properties: { ...properties },
  });
  return { resources, context };
};

describe('a recorded resource', () => {
  it("answers with an id in AWS's form that stays the same", async () => {
    const { resources, context } = await start();
    const vpc = resources['AWS::EC2::VPC'];

    const made = await vpc?.create(context('Vpc', { CidrBlock: '10.0.0.0/16' }));
    const again = await vpc?.create(context('Vpc', { CidrBlock: '10.0.0.0/16' }));
    const other = await vpc?.create(context('Other', { CidrBlock: '10.1.0.0/16' }));

    expect(made?.physicalId).toMatch(/^vpc-[0-9a-f]{17}$/);
    expect(made?.attributes).toMatchObject({ VpcId: made?.physicalId, CidrBlock: '10.0.0.0/16' });
    expect(again).toEqual(made);
    expect(other?.physicalId).not.toBe(made?.physicalId);
  });

  it('counts the versions of a launch template', async () => {
    const { resources, context } = await start();
    const template = resources['AWS::EC2::LaunchTemplate'];
    const properties = { LaunchTemplateData: { UserData: 'a' } };
    const made = await template?.create(context('T', properties));
    const changed = { LaunchTemplateData: { UserData: 'b' } };

    const updated = await template?.update({
      ...context('T', changed),
      physicalId: made?.physicalId ?? '',
      previousProperties: properties,
    });

    expect(updated?.physicalId).toBe(made?.physicalId);
    expect(updated?.attributes).toMatchObject({ LatestVersionNumber: '2' });
  });

  it('refuses a property that is not listed', async () => {
    const { resources, context } = await start();

    await expect(
      resources['AWS::EC2::Subnet']?.create(context('Subnet', { VpcId: 'v', OutpostArn: 'arn' })),
    ).rejects.toMatchObject({ code: 'UnsupportedProperty', message: 'Subnet.OutpostArn is not supported here' });
  });
});
