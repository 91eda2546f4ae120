import { AwsError, type ProvisionedResource, type ResourceContext, type ResourceProvider } from '../../contracts.ts';
import { readFields, readProperties } from '../../protocols/fields.ts';
import type { RestOperation } from '../../protocols/rest.ts';
import { toCamelCase } from '../../states/integrations/casing.ts';
import { type BatchDeps, findDefinition } from './jobs.ts';
import { readDefinition } from './read-definition.ts';
import type { JobDefinitionRecord, StoredResource } from './records.ts';

type Plain = Readonly<Record<string, unknown>>;

const arnOf = ({ context }: BatchDeps, kind: string, name: string): string =>
  `arn:aws:batch:${context.region}:${context.accountId}:${kind}/${name}`;

/** Registers the next revision, or gives the newest when it says the same. */
const register = (deps: BatchDeps, wire: Plain, fallbackName?: string): JobDefinitionRecord => {
  const { tables } = deps;
  const { name: given, spec } = readDefinition(wire);
  const name = given ?? fallbackName;
  if (name === undefined || !/^[A-Za-z0-9_-]{1,128}$/.test(name)) {
    throw new AwsError('ClientException', `jobDefinitionName must match [A-Za-z0-9_-]{1,128}, got ${name ?? 'none'}`);
  }
  const revisions = tables.definitions
    .entries()
    .map(([, definition]) => definition)
    .filter((d) => d.name === name);
  const newest = revisions.sort((a, b) => b.revision - a.revision)[0];
  if (newest?.status === 'ACTIVE' && JSON.stringify(newest.wire) === JSON.stringify(wire)) return newest;
  const revision = (newest?.revision ?? 0) + 1;
  const record: JobDefinitionRecord = {
    arn: `${arnOf(deps, 'job-definition', name)}:${revision}`,
    name,
    revision,
    status: 'ACTIVE',
    spec,
    wire,
  };
  tables.definitions.put(record.arn, record);
  return record;
};

const describeDefinition = ({ arn, name, revision, status, wire }: JobDefinitionRecord): Plain => ({
  ...wire,
  jobDefinitionName: name,
  jobDefinitionArn: arn,
  revision,
  status,
  type: 'container',
  containerOrchestrationType: 'ECS',
});

export const registerJobDefinition =
  (deps: BatchDeps): RestOperation =>
  async (call) => {
    const { arn, name, revision } = register(deps, await call.json());
    return { jobDefinitionArn: arn, jobDefinitionName: name, revision };
  };

export const deregisterJobDefinition =
  ({ tables }: BatchDeps): RestOperation =>
  async (call) => {
    const named = readFields(await call.json(), { code: 'ClientException' }, (fields) =>
      fields.requiredText('jobDefinition'),
    );
    const definition = findDefinition(tables, named);
    tables.definitions.put(definition.arn, { ...definition, status: 'INACTIVE' });
    return {};
  };

export const describeJobDefinitions =
  ({ tables }: BatchDeps): RestOperation =>
  async (call) => {
    const query = readFields(await call.json(), { code: 'ClientException' }, (fields) => {
      fields.integer('maxResults', { min: 1, max: 100 });
      return {
        names: fields.texts('jobDefinitions'),
        name: fields.text('jobDefinitionName'),
        status: fields.choice('status', ['ACTIVE', 'INACTIVE']),
      };
    });
    const matches = ({ arn, name, revision, status }: JobDefinitionRecord): boolean =>
      (query.names === undefined || query.names.some((n) => n === arn || n === name || n === `${name}:${revision}`)) &&
      (query.name === undefined || query.name === name) &&
      (query.status === undefined || query.status === status);
    const found = tables.definitions
      .entries()
      .map(([, definition]) => definition)
      .filter(matches);
    return { jobDefinitions: found.map(describeDefinition) };
  };

const describeStored =
  (kind: 'environments' | 'queues', member: string, filter: string) =>
  ({ tables }: BatchDeps): RestOperation =>
  async (call) => {
    const names = readFields(await call.json(), { code: 'ClientException' }, (fields) => {
      fields.integer('maxResults', { min: 1, max: 100 });
      return fields.texts(filter);
    });
    const found = tables[kind]
      .entries()
      .map(([, resource]) => resource)
      .filter(({ arn, name }) => names === undefined || names.includes(arn) || names.includes(name));
    return { [member]: found.map(({ wire }) => ({ ...wire, status: 'VALID', statusReason: '' })) };
  };

export const describeComputeEnvironments = describeStored('environments', 'computeEnvironments', 'computeEnvironments');
export const describeJobQueues = describeStored('queues', 'jobQueues', 'jobQueues');

const provisioned = (arn: string, attribute: string): ProvisionedResource => ({
  physicalId: arn,
  attributes: { [attribute]: arn },
});

const definitionProvider = (deps: BatchDeps): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const { Tags: _tags, ResourceRetentionPolicy: _retention, ...properties } = context.properties;
    const record = register(deps, toCamelCase(properties) as Plain, context.generatedName);
    return provisioned(record.arn, 'JobDefinitionArn');
  };
  return {
    create: async (context) => put(context),
    // Another text is another revision; CloudFormation deregisters the old one afterwards.
    update: async (context) => put(context),
    delete: async ({ physicalId }) => {
      const definition = deps.tables.definitions.get(physicalId);
      if (definition) deps.tables.definitions.put(physicalId, { ...definition, status: 'INACTIVE' });
    },
  };
};

const readEnvironment = (deps: BatchDeps, context: ResourceContext): StoredResource =>
  readProperties(context, (fields) => {
    fields.choice('Type', ['MANAGED']);
    fields.accept('ServiceRole', 'ReplaceComputeEnvironment', 'UpdatePolicy', 'Tags');
    // Instances do not exist here; what is asked for is described, and the minimum of 0 that idle cost needs is checked by tests.
    const resources = (fields.raw('ComputeResources') ?? {}) as Plain;
    const name = fields.text('ComputeEnvironmentName') ?? context.generatedName;
    const arn = arnOf(deps, 'compute-environment', name);
    const enabled = fields.choice('State', ['ENABLED', 'DISABLED']) !== 'DISABLED';
    const wire = {
      computeEnvironmentName: name,
      computeEnvironmentArn: arn,
      type: 'MANAGED',
      state: enabled ? 'ENABLED' : 'DISABLED',
      computeResources: toCamelCase(resources),
    };
    return { arn, name, enabled, wire };
  });

const readQueue = (deps: BatchDeps, context: ResourceContext): StoredResource =>
  readProperties(context, (fields) => {
    fields.accept('Tags');
    const name = fields.text('JobQueueName') ?? context.generatedName;
    const arn = arnOf(deps, 'job-queue', name);
    const enabled = fields.choice('State', ['ENABLED', 'DISABLED']) !== 'DISABLED';
    const order =
      fields.list('ComputeEnvironmentOrder', (entry) => ({
        order: entry.integer('Order', { min: 0, max: 1_000 }) ?? 0,
        computeEnvironment: entry.requiredText('ComputeEnvironment'),
      })) ?? [];
    for (const { computeEnvironment } of order) {
      const known = deps.tables.environments
        .entries()
        .some(([, e]) => e.arn === computeEnvironment || e.name === computeEnvironment);
      if (!known) throw fields.refuse('ComputeEnvironmentOrder', `names ${computeEnvironment}, which does not exist`);
    }
    const wire = {
      jobQueueName: name,
      jobQueueArn: arn,
      state: enabled ? 'ENABLED' : 'DISABLED',
      priority: fields.integer('Priority', { min: 0, max: 1_000 }) ?? 1,
      computeEnvironmentOrder: order,
    };
    return { arn, name, enabled, wire };
  });

const storedProvider = (
  table: BatchDeps['tables']['queues'],
  attribute: string,
  read: (context: ResourceContext) => StoredResource,
): ResourceProvider => {
  const put = (context: ResourceContext): ProvisionedResource => {
    const resource = read(context);
    table.put(resource.arn, resource);
    return provisioned(resource.arn, attribute);
  };
  return {
    create: async (context) => put(context),
    update: async (context) => put(context),
    delete: async ({ physicalId }) => table.delete(physicalId),
  };
};

const refused = async ({ logicalId }: ResourceContext): Promise<never> => {
  throw new AwsError('UnsupportedResource', `${logicalId}: AWS::Batch::SchedulingPolicy is not supported here`);
};

/** The CloudFormation types of Batch. `Ref` is the ARN. */
export const batchProviders = (deps: BatchDeps): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::Batch::ComputeEnvironment': storedProvider(deps.tables.environments, 'ComputeEnvironmentArn', (context) =>
    readEnvironment(deps, context),
  ),
  'AWS::Batch::JobQueue': storedProvider(deps.tables.queues, 'JobQueueArn', (context) => readQueue(deps, context)),
  'AWS::Batch::JobDefinition': definitionProvider(deps),
  'AWS::Batch::SchedulingPolicy': { create: refused, update: refused, delete: refused },
});
