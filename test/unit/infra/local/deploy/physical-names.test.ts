import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { chosenName, generatedName, replacingProperty } from '../../../../../infra/local/deploy/physical-names.ts';
import table from '../../../../../infra/local/deploy/replacement-properties.json' with { type: 'json' };

interface Specification {
  readonly schema: { readonly resource: { readonly entities: Readonly<Record<string, ResourceType>> } };
}
interface ResourceType {
  readonly cloudFormationType: string;
  readonly properties: Readonly<Record<string, { readonly causesReplacement?: string }>>;
}

it('knows for every type the replacing properties that the specification with the CDK’s CLI names', () => {
  const file = gunzipSync(readFileSync('node_modules/aws-cdk/db.json.gz')).toString();
  const { entities } = (JSON.parse(file) as Specification).schema.resource;
  const types = new Map(Object.values(entities ?? {}).map((one) => [one.cloudFormationType, one]));
  const specified = Object.keys(table).map((type) => [
    type,
    Object.entries(types.get(type)?.properties ?? {})
      .filter(([, { causesReplacement }]) => causesReplacement === 'yes')
      .map(([name]) => name)
      .toSorted(),
  ]);

  expect(table).toEqual(Object.fromEntries(specified));
  expect(types.size).toBeGreaterThan(1_000);
});

it('has a row for every type of which a template may be deployed here', () => {
  const sources = readdirSync('infra/local', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const provided = sources.flatMap((path) =>
    [...readFileSync(join('infra/local', path), 'utf8').matchAll(/^ +'(AWS::\w+::\w+)':/gm)].map(
      ([, type = '']) => type,
    ),
  );
  // It belongs to the CDK and is in no specification.
  const without = provided.filter((type) => type !== 'AWS::CDK::Metadata' && !Object.hasOwn(table, type));

  expect(without).toEqual([]);
  expect(provided.length).toBeGreaterThan(40);
});

it('names the first property by whose change a resource is replaced', () => {
  expect(replacingProperty('AWS::SQS::Queue', { QueueName: 'a' }, { QueueName: 'b' })).toBe('QueueName');
  expect(replacingProperty('AWS::SQS::Queue', { DelaySeconds: 1 }, { DelaySeconds: 2 })).toBeUndefined();
  expect(replacingProperty('AWS::SQS::Queue', { QueueName: 'a' }, {})).toBe('QueueName');
});

it('makes names that stay the same for one physical resource and differ for the next', () => {
  expect(generatedName('Millrace-dev-data', 'RegistryTable')).toBe('Millrace-dev-data-RegistryTable-6PiFnN2MM9zs');
  expect(generatedName('Millrace-dev-data', 'RegistryTable', 1)).not.toBe(
    generatedName('Millrace-dev-data', 'RegistryTable'),
  );
});

it('tells names that a template chose, with what they are unique in', () => {
  expect(chosenName('AWS::Scheduler::Schedule', { Name: 'train', GroupName: 'dev' })).toBe('train|dev');
  expect(chosenName('AWS::SQS::Queue', {})).toBeUndefined();
  expect(chosenName('AWS::SNS::Subscription', { TopicArn: 'x' })).toBeUndefined();
});
