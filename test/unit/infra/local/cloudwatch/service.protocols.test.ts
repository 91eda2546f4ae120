import { CloudWatchClient, GetDashboardCommand, PutDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCloudWatchService } from '../../../../../infra/local/cloudwatch/service.ts';
import { decodeCbor, encodeCbor } from '../../../../../infra/local/protocols/cbor.ts';
import { startLocalService } from '../../../../helpers/local-service.ts';
import { sendWire } from '../../../../helpers/wire-request.ts';

const start = async () => {
  const local = await startLocalService(createCloudWatchService);
  onTestFinished(() => local.stop());
  return { ...local, client: new CloudWatchClient(local.clientConfig) };
};

describe('the other protocols', () => {
  const wire = async (headers: Record<string, string>, path: string, body: string | Uint8Array) => {
    const { services } = await start();
    return services[0] && sendWire(services[0], { headers, path, body });
  };

  it('answers a CLI that speaks CBOR', async () => {
    const headers = { 'smithy-protocol': 'rpc-v2-cbor' };
    const path = '/service/GraniteServiceVersion20100801/operation';
    const listed = await wire(headers, `${path}/ListMetrics`, encodeCbor({ Namespace: 'N' }));
    const refused = await wire(headers, `${path}/DescribeAlarms`, encodeCbor({ MaxRecords: 0 }));

    expect(decodeCbor(listed?.body as Uint8Array)).toEqual({ Metrics: [] });
    expect(refused?.headers?.['x-amzn-query-error']).toBe('ValidationError;Sender');
  });

  it('answers a CLI that speaks the query protocol', async () => {
    const form =
      'Action=PutMetricData&Version=2010-08-01&Namespace=N&MetricData.member.1.MetricName=M&MetricData.member.1.Value=3' +
      '&MetricData.member.1.Dimensions.member.1.Name=Model&MetricData.member.1.Dimensions.member.1.Value=births';
    const put = await wire({}, '/', form);
    const refused = await wire({}, '/', 'Action=GetInsightRuleReport&Version=2010-08-01');

    expect(put?.status).toBe(200);
    expect(put?.body).toContain('<RequestId>request-1</RequestId>');
    expect(refused?.body).toContain('<Code>InvalidAction</Code>');
    expect(refused?.body).toContain('GetInsightRuleReport');
  });
});

describe('dashboards', () => {
  it('are kept as they were put', async () => {
    const { client } = await start();
    const DashboardBody = JSON.stringify({ widgets: [{ type: 'text', properties: { markdown: 'a' } }] });
    await client.send(new PutDashboardCommand({ DashboardName: 'models', DashboardBody }));

    const answer = await client.send(new GetDashboardCommand({ DashboardName: 'models' }));

    expect(answer.DashboardBody).toBe(DashboardBody);
    await expect(client.send(new PutDashboardCommand({ DashboardName: 'models', DashboardBody: '{' }))).rejects.toThrow(
      'valid JSON',
    );
  });
});
