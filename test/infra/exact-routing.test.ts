import { expect, it } from 'vitest';
import { definition, type Resource, synthesise } from './synthesise.ts';

/** What exact routing adds to the template: permissions, and only where a model asks for it. */

type Templates = ReturnType<typeof synthesise>['templates'];
interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** Table, key or function that a statement is about. */
const subjectOf = (resource: unknown): string =>
  /Registry|Lineage|Audit|EncryptionKey|infer|\*/.exec(JSON.stringify(resource))?.[0] ?? 'other';

interface Role {
  readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
}

const actionsOf = ({ Policies = [] }: Role): readonly string[] =>
  Policies.flatMap(({ PolicyDocument }) =>
    PolicyDocument.Statement.flatMap(({ Action, Resource: subject }) =>
      [Action].flat().map((action) => `${action} ${subjectOf(subject)}`),
    ),
  );

/** `stack function action subject`, of every permission of a function's role. */
const permissions = (templates: Templates): ReadonlySet<string> =>
  new Set(
    Object.entries(templates).flatMap(([stack, { Resources }]) =>
      Object.entries(Resources as Record<string, Resource>)
        .filter(([, { Type }]) => Type === 'AWS::IAM::Role')
        .flatMap(([id, { Properties }]) =>
          actionsOf(Properties as Role).map((one) => `${stack} ${id.replace(/(Role)?[0-9A-F]{8}$/, '')} ${one}`),
        ),
    ),
  );

const exact = definition('flight-delay', { deployment: { router: 'exact' } });

it('a model with exact routing gives the steps of its rollouts what plans need, and nothing else', () => {
  const before = permissions(synthesise({ definitions: [definition('flight-delay')] }).templates);
  const after = permissions(synthesise({ definitions: [exact] }).templates);

  const added = [...after].filter((one) => !before.has(one)).toSorted();
  expect([...before].filter((one) => !after.has(one))).toEqual([]);
  expect(added.map((one) => one.replace(/^\S+ (\S+?)(Service|Execution)?(Role)? /, '$1 '))).toMatchInlineSnapshot(`
    [
      "PlatformApi dynamodb:DeleteItem Registry",
      "PlatformApi dynamodb:UpdateItem Lineage",
      "WatchExperiments dynamodb:GetItem Registry",
      "WatchExperiments kms:Decrypt other",
      "WatchExperiments lambda:InvokeFunction other",
      "WatchExperiments logs:CreateLogStream *",
      "WatchExperiments logs:PutLogEvents *",
      "WatchExperiments s3:GetObject *",
      "WatchExperiments s3:ListBucket other",
      "WatchExperiments sqs:SendMessage other",
      "WatchExperiments xray:PutTelemetryRecords *",
      "WatchExperiments xray:PutTraceSegments *",
      "BeginRollout lambda:GetFunctionConfiguration infer",
      "JudgeCanary s3:GetObject *",
      "JudgeCanary s3:ListBucket other",
      "ReconcileServing dynamodb:PutItem Registry",
      "ShiftTraffic dynamodb:GetItem Audit",
      "ShiftTraffic dynamodb:PutItem Audit",
      "ShiftTraffic dynamodb:PutItem Registry",
    ]
  `);
});

it('what a roll-back at run time relies on does not change with the router: function, version and alias are the same', () => {
  const of = ({ serving }: Templates) =>
    Object.entries(serving.Resources as Record<string, Resource>).filter(([, { Type }]) =>
      ['AWS::Lambda::Version', 'AWS::Lambda::Alias'].includes(Type),
    );

  expect(of(synthesise({ definitions: [exact] }).templates)).toEqual(
    of(synthesise({ definitions: [definition('flight-delay')] }).templates),
  );
});

it('a model with exact routing has an alarm for the sample ratio of its experiments, and no other model has', () => {
  const alarmsOf = (definitions: Parameters<typeof synthesise>[0]) =>
    Object.values(synthesise(definitions).templates.monitoring.Resources as Record<string, Resource>)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .map(({ Properties }) => String(Properties?.AlarmName))
      .filter((name) => name.endsWith('-sample-ratio'));

  expect(alarmsOf({ definitions: [exact, definition('births')] })).toEqual([expect.stringContaining('flight-delay')]);
});
