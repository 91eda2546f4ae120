import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { stageConfig } from '../../infra/aws/config.ts';
import { embeddedMetrics } from '../../shared/contracts/embedded-metrics.ts';
import { definition, type Resource, synthesise, type Template } from './synthesise.ts';

/** The package has no types. */
const aslValidator = createRequire(import.meta.url)('asl-validator') as (definition: unknown) => {
  readonly isValid: boolean;
  readonly errorsText: () => string;
};

const dev = synthesise({ stage: stageConfig('dev', { email: 'me@example.com' }) });
const local = synthesise({ stage: stageConfig('local') });
const prod = synthesise({ stage: stageConfig('prod') });
const twenty = synthesise({
  definitions: Array.from({ length: 20 }, (_, i) =>
    definition(`model-${i}`, { retraining: { schedule: 'rate(7 days)', onNewData: true } }),
  ),
});
const everything = [dev, local, prod, twenty].flatMap(({ templates }) => Object.values(templates));

const all = (templates: readonly Template[]): readonly (readonly [string, Resource])[] =>
  templates.flatMap(({ Resources }) => Object.entries(Resources));
const ofType = (templates: readonly Template[], type: string): readonly Resource[] =>
  all(templates).flatMap(([, resource]) => (resource.Type === type ? [resource] : []));
const devTemplates = Object.values(dev.templates);

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Condition?: unknown;
}
const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** Every statement of every document in the templates: roles, policies, keys, buckets, queues, topics. */
const statements = (value: unknown): readonly Statement[] => {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(statements);
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'Statement' && Array.isArray(inner) ? (inner as Statement[]) : statements(inner),
  );
};

describe('the stacks of a stage', () => {
  it.each([dev, local, prod, twenty])('depend on the data stack alone ($stacks.0.name)', ({ stacks }) => {
    const graph = Object.fromEntries(
      stacks.map(({ name, dependencies }) => [name.split('-')[2], dependencies.map((d) => d.split('-')[2])]),
    );

    expect(graph).toEqual({ data: [], training: ['data'], serving: ['data'], monitoring: ['data'], api: ['data'] });
  });

  it('retain everything that holds state, on deletion and on replacement', () => {
    const stateful = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::KMS::Key'];

    const lost = all(everything)
      .filter(([, { Type }]) => stateful.includes(Type))
      .filter(([, r]) => r.DeletionPolicy !== 'Retain' || r.UpdateReplacePolicy !== 'Retain');

    expect(lost).toEqual([]);
    expect(ofType(devTemplates, 'AWS::S3::Bucket')).toHaveLength(3);
    expect(ofType(devTemplates, 'AWS::DynamoDB::Table')).toHaveLength(5);
  });

  it('give nothing stateful a physical name', () => {
    const named = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table'].flatMap((type) =>
      ofType(everything, type).filter(({ Properties = {} }) => 'BucketName' in Properties || 'TableName' in Properties),
    );

    expect(named).toEqual([]);
  });

  it('back tables up to any second and encrypt them and the buckets with the rotating key', () => {
    const key = { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] };
    const { data } = dev.templates;

    for (const table of ofType([data], 'AWS::DynamoDB::Table')) {
      expect(table.Properties).toMatchObject({
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true, KMSMasterKeyId: key },
        BillingMode: 'PAY_PER_REQUEST',
      });
    }
    // Nothing of the audit log expires.
    const expiring = all([data]).filter(([, { Properties }]) =>
      isDeepStrictEqual(Properties?.TimeToLiveSpecification, { AttributeName: 'ttl', Enabled: true }),
    );
    expect(expiring.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).toSorted()).toEqual([
      'LineageTable',
      'OnlineTable',
      'RegistryTable',
      'TrackingTable',
    ]);
    for (const bucket of ofType([data], 'AWS::S3::Bucket')) {
      expect(bucket.Properties).toMatchObject({
        VersioningConfiguration: { Status: 'Enabled' },
        NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key } },
          ],
        },
      });
    }
    expect(ofType([data], 'AWS::KMS::Key')[0]?.Properties).toMatchObject({ EnableKeyRotation: true });
  });

  it('allow no wildcard action', () => {
    const wild = everything
      .flatMap(statements)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Action }) => listOf(Action))
      .filter((action) => action.includes('*') && action !== 'kms:*');

    expect(wild).toEqual([]);
  });

  it('give the wildcard of every key action to the account in the key policy only', () => {
    const keyless = everything.map(({ Resources }) =>
      Object.values(Resources).filter(({ Type }) => Type !== 'AWS::KMS::Key'),
    );

    expect(JSON.stringify(keyless)).not.toContain('kms:*');
  });

  it('allow on every resource only what takes none', () => {
    const unbounded = devTemplates
      .flatMap(({ Resources }) => Object.values(Resources).filter(({ Type }) => Type === 'AWS::IAM::Role'))
      .flatMap(statements)
      .filter(({ Resource }) => listOf(Resource).includes('*'))
      .flatMap(({ Action }) => listOf(Action));

    expect([...new Set(unbounded)].toSorted()).toEqual([
      'cloudwatch:GetMetricData',
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
      'xray:PutTelemetryRecords',
      'xray:PutTraceSegments',
    ]);
  });

  it('bring neither a custom resource nor an image', () => {
    const custom = all(everything).filter(
      ([, { Type }]) => Type.startsWith('Custom::') || Type === 'AWS::CloudFormation::CustomResource',
    );
    const assets = devTemplates.map((_, i) => {
      const part = Object.keys(dev.templates)[i];
      return JSON.parse(readFileSync(join(dev.folder, `Millrace-dev-${part}.assets.json`), 'utf8'));
    });

    expect(custom).toEqual([]);
    expect(assets.flatMap(({ dockerImages }) => Object.keys(dockerImages))).toEqual([]);
  });

  it('stay under 500 resources each with twenty models', () => {
    const counts = Object.values(twenty.templates).map(({ Resources }) => Object.keys(Resources).length);

    expect(Math.max(...counts)).toBeLessThanOrEqual(500);
    expect(counts.every((count) => count > 0)).toBe(true);
  });

  it('stay under a megabyte each with twenty models, CloudFormation’s limit of a template', () => {
    for (const template of Object.values(twenty.templates)) {
      expect(JSON.stringify(template).length).toBeLessThan(1_000_000);
    }
  });

  it('share no physical name between two stages of an account', () => {
    const NAME = /^(?!Attribute|Header|Container|Role$|Image|Method|Host|User|Metric|Dimension|Namespace).*Name$/;
    const namesOf = (templates: readonly Template[]) =>
      all(templates).flatMap(([, { Type, Properties = {} }]) =>
        Object.entries(Properties)
          .filter(([key, value]) => (NAME.test(key) || key === 'Name') && typeof value === 'string')
          // These name a part of something that has a name of its own.
          .filter(
            ([key]) => !(['AWS::Lambda::Alias', 'AWS::ApiGateway::Stage'].includes(Type) && /^(Stage)?Name$/.test(key)),
          )
          .map(([, value]) => `${Type} ${value}`),
      );
    const first = namesOf(devTemplates);
    const second = new Set(namesOf(Object.values(prod.templates)));

    expect(first.length).toBeGreaterThan(50);
    expect(first.filter((name) => second.has(name) && !name.startsWith('AWS::Scheduler::Schedule train-'))).toEqual([]);
  });

  it('keep the schedules of training apart by their stage’s group', () => {
    const group = (templates: Template) => ofType([templates], 'AWS::Scheduler::ScheduleGroup')[0]?.Properties?.Name;

    expect(group(dev.templates.training)).toBe('millrace-dev');
    expect(group(prod.templates.training)).toBe('millrace-prod');
  });
});

describe('alarms', () => {
  const alarms = ofType(Object.values(twenty.templates), 'AWS::CloudWatch::Alarm');
  const headings = [...readFileSync('infra/RUNBOOK.md', 'utf8').matchAll(/^## (\S+)$/gm)].map(
    (match) => match[1] ?? '',
  );

  it('tell somebody, and name a heading of the runbook that is theirs', () => {
    for (const { Properties = {} } of alarms) {
      const heading = /infra\/RUNBOOK\.md#([a-z-]+)$/.exec(String(Properties.AlarmDescription))?.[1] ?? '';
      expect(headings).toContain(heading);
      expect(String(Properties.AlarmName)).toMatch(new RegExp(`-${heading}$`));
      expect(Properties.AlarmActions).toEqual([{ 'Fn::ImportValue': expect.stringContaining('AlarmTopic') }]);
    }
    expect(alarms).toHaveLength(20 * 4 + 7);
  });

  it('have each heading of the runbook ring for something', () => {
    const named = new Set(
      alarms.map(({ Properties }) => /#([a-z-]+)$/.exec(String(Properties?.AlarmDescription))?.[1]),
    );

    // Models with feature views have one more, and so have models that may have experiments.
    expect(headings.filter((heading) => /^[a-z-]+$/.test(heading)).toSorted()).toEqual(
      [...named, 'sample-ratio', 'skew'].toSorted(),
    );
  });

  it('look back no longer than CloudWatch does', () => {
    for (const { Properties = {} } of alarms) {
      const { Metrics = [] } = Properties as { Metrics?: readonly { MetricStat?: { Period: number } }[] };
      const period = Number(Properties.Period ?? Metrics.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period);
      const seconds = period * Number(Properties.EvaluationPeriods);
      expect(seconds).toBeLessThanOrEqual(period >= 3_600 ? 7 * 86_400 : 86_400);
    }
  });

  it('ignore days without a drift check', () => {
    const byName = new Map(alarms.map(({ Properties }) => [Properties?.AlarmName, Properties]));

    expect(byName.get('millrace-dev-model-0-drift')).toMatchObject({
      TreatMissingData: 'ignore',
      EvaluationPeriods: 2,
      Period: 86_400,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    });
  });

  it('watch the metrics that functions emit, under the namespace and the dimension that they emit', () => {
    const line = embeddedMetrics({
      stage: 'dev',
      model: 'model-0',
      atMs: 0,
      metrics: { DriftEvidence: 0.5, CaptureFailed: 1 },
    });
    const emitted = JSON.parse(line) as Record<string, unknown> & {
      _aws: { CloudWatchMetrics: [{ Namespace: string; Dimensions: [[string]]; Metrics: { Name: string }[] }] };
    };
    const [{ Namespace, Dimensions, Metrics }] = emitted._aws.CloudWatchMetrics;
    const [[dimension]] = Dimensions;

    for (const { Name } of Metrics) {
      expect(alarms.map(({ Properties }) => Properties)).toContainEqual(
        expect.objectContaining({
          Namespace,
          MetricName: Name,
          Dimensions: [{ Name: dimension, Value: emitted[dimension] }],
        }),
      );
    }
  });

  it('are refused for a model whose drift check skips days', () => {
    const weekly = definition('weekly', { monitors: { schedule: 'cron(0 6 ? * MON *)' } });

    expect(() => synthesise({ definitions: [weekly] })).toThrow(
      'monitors.schedule of model weekly must fire at least once on every day, got cron(0 6 ? * MON *)',
    );
  });
});

describe('workflows', () => {
  const machines = [dev, local].flatMap(({ templates }) =>
    ofType(Object.values(templates), 'AWS::StepFunctions::StateMachine'),
  );

  it('are valid Amazon States Language once their tokens are filled in', () => {
    for (const { Properties = {} } of machines) {
      const definitionText = String(Properties.DefinitionString).replaceAll(
        /\$\{[A-Za-z]+Arn\}/g,
        'arn:aws:lambda:us-east-1:000000000000:function:x',
      );
      const { isValid, errorsText } = aslValidator(JSON.parse(definitionText));
      expect(isValid, errorsText()).toBe(true);
    }
    // In both stages, for both models training and reproduction; the rollout, the drift check, the upload, the batch.
    expect(machines).toHaveLength(2 * (2 * 2 + 4));
  });

  it('substitute exactly their tokens', () => {
    for (const { Properties = {} } of machines) {
      const tokens = [...String(Properties.DefinitionString).matchAll(/\$\{([A-Za-z]+)\}/g)].map((match) => match[1]);
      expect([...new Set(tokens)].toSorted()).toEqual(Object.keys(Properties.DefinitionSubstitutions ?? {}).toSorted());
    }
  });

  it('may invoke the functions they substitute and no other', () => {
    const invoked = (workflow: RegExp) =>
      Object.entries(dev.templates.training.Resources).flatMap(([id, { Type, Properties }]) => {
        if (Type !== 'AWS::IAM::Role' || !workflow.test(id)) return [];
        const [invoke] = statements(Properties).filter(({ Action }) => Action === 'lambda:InvokeFunction');
        return invoke === undefined ? [] : [listOf(invoke.Resource).length];
      });

    expect(invoked(/PipelineRole/)).toEqual([10, 10]);
    expect(invoked(/ReproductionRole/)).toEqual([5, 5]);
  });
});

describe('events', () => {
  it('request training for a ringing drift alarm of this stage, with dead letters', () => {
    const [rule] = ofType([dev.templates.training], 'AWS::Events::Rule').filter(({ Properties }) =>
      JSON.stringify(Properties).includes('aws.cloudwatch'),
    );

    expect(rule?.Properties).toMatchObject({
      EventPattern: {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        detail: { alarmName: [{ wildcard: 'millrace-dev-*-drift' }], state: { value: ['ALARM'] } },
      },
      Targets: [{ DeadLetterConfig: { Arn: expect.anything() } }],
    });
    expect(rule?.Properties).not.toHaveProperty('EventBusName');
  });

  it('reach request-training for new objects of the datasets that ask for it, and of no other', () => {
    const { templates } = synthesise({
      definitions: [definition('one', { retraining: { onNewData: true } }), definition('two')],
    });
    const [rule] = ofType([templates.training], 'AWS::Events::Rule').filter(({ Properties }) =>
      JSON.stringify(Properties).includes('aws.s3'),
    );

    expect(rule?.Properties).toMatchObject({
      EventPattern: { detail: { object: { key: [{ prefix: 'datasets/one/' }] } } },
    });
  });

  it('end in a dead-letter queue that the rule may write to', () => {
    for (const part of ['training', 'serving', 'monitoring'] as const) {
      const rules = ofType([dev.templates[part]], 'AWS::Events::Rule');
      const [policy] = ofType([dev.templates[part]], 'AWS::SQS::QueuePolicy');
      const sources = statements(policy?.Properties).filter(
        ({ Action, Condition }) => Action === 'sqs:SendMessage' && JSON.stringify(Condition)?.includes('aws:SourceArn'),
      );
      expect(sources).toHaveLength(rules.length);
    }
  });
});
