import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { grantedServices, neverCalled } from '../../../../../infra/local/chaos/granted-services.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-granted-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what roles let functions call', () => {
  it('is read from the template, without what AWS calls on their behalf', () => {
    const statement = (Action: string | readonly string[]) => ({ Action });
    const Statement = [
      statement(['dynamodb:GetItem', 'dynamodb:PutItem']),
      statement('cloudwatch:DescribeAlarms'),
      statement(['kms:Decrypt', 'xray:PutTraceSegments', 'logs:PutLogEvents', 'sqs:SendMessage']),
    ];
    const Resources = {
      Role: { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyDocument: { Statement } }] } },
      Function: {
        Type: 'AWS::Lambda::Function',
        Properties: { FunctionName: 'millrace-local-request-training', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
      },
    };
    writeFileSync(join(folder, 'a.template.json'), JSON.stringify({ Resources }));

    expect([...grantedServices(folder)]).toEqual(['request-training dynamodb', 'request-training monitoring']);
  });

  it('must be called by some run', () => {
    const granted = new Set(['infer s3', 'infer firehose']);

    expect(neverCalled(granted, ['infer s3:GetObject #1', 'record-run firehose:PutRecordBatch #1'])).toEqual([
      'infer firehose',
    ]);
  });
});
