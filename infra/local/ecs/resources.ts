import type { ProvisionedResource, ResourceContext, ResourceProvider, ServiceContext } from '../contracts.ts';
import { readFields, readProperties } from '../protocols/fields.ts';
import { toCamelCase } from '../states/integrations/casing.ts';
import { readCreatedService } from './read-service.ts';
import { readTaskDefinition } from './read-task-definition.ts';
import { arnOf, definitionKey, type EcsTables, nameIn, requireDefinition, revisionsOf, serviceKey } from './records.ts';
import type { ServiceBook } from './service-book.ts';

type Plain = Readonly<Record<string, unknown>>;

const FRAME = (logicalId: string) => ({
  place: logicalId,
  code: 'InvalidProperty',
  unsupportedCode: 'UnsupportedProperty',
});

/** A template's spelling as the API's: the names within maps stay as they are. */
const asRequest = ({ properties }: ResourceContext): Plain => {
  const { Tags: _tags, ...rest } = properties;
  return toCamelCase(rest) as Plain;
};

const cluster = (context: ServiceContext, tables: EcsTables): ResourceProvider => {
  const put = (resource: ResourceContext): ProvisionedResource => {
    const name = readProperties(resource, (fields) => {
      fields.accept('Tags', 'ClusterSettings');
      return fields.text('ClusterName') ?? resource.generatedName;
    });
    const arn = arnOf(context, `cluster/${name}`);
    tables.clusters.put(name, { name, arn });
    return { physicalId: name, attributes: { Arn: arn } };
  };
  return {
    create: async (resource) => put(resource),
    update: async (resource) => put(resource),
    delete: async ({ physicalId }) => tables.clusters.delete(physicalId),
  };
};

const taskDefinition = (tables: EcsTables, book: ServiceBook): ResourceProvider => {
  const provisioned = (arn: string): ProvisionedResource => ({
    physicalId: arn,
    attributes: { TaskDefinitionArn: arn },
  });
  const put = (resource: ResourceContext): ProvisionedResource => {
    const wire = asRequest(resource);
    const read = readFields(wire, FRAME(resource.logicalId), readTaskDefinition);
    const family = read.family ?? resource.generatedName;
    // A start after a kill creates again; the same text is the same revision.
    const standing = revisionsOf(tables, family).findLast(
      (one) => one.status === 'ACTIVE' && JSON.stringify(one.wire) === JSON.stringify(wire),
    );
    return provisioned((standing ?? book.register({ ...read, family }, wire)).arn);
  };
  return {
    create: async (resource) => put(resource),
    // Another text is another revision; CloudFormation deregisters the old one afterwards.
    update: async (resource) => put(resource),
    delete: async ({ physicalId }) => {
      const { family, revision } = requireDefinition(tables, physicalId);
      const key = definitionKey(family, revision);
      const definition = tables.definitions.get(key);
      if (definition) tables.definitions.put(key, { ...definition, status: 'INACTIVE' });
    },
  };
};

const service = (tables: EcsTables, book: ServiceBook): ResourceProvider => {
  const provisioned = (arn: string): ProvisionedResource => ({
    physicalId: arn,
    attributes: { ServiceArn: arn, Name: nameIn(arn) },
  });
  const read = (resource: ResourceContext) => {
    const wire = asRequest(resource);
    const given = readFields(wire, FRAME(resource.logicalId), readCreatedService);
    return { wire, given: { ...given, name: given.name ?? resource.generatedName } };
  };
  return {
    create: async (resource) => {
      const { wire, given } = read(resource);
      const standing = tables.services.get(serviceKey(given.cluster, given.name));
      // What it runs belongs to run time: a start after a kill leaves it.
      if (standing?.status === 'ACTIVE') return provisioned(standing.arn);
      return provisioned(book.create(given, wire).arn);
    },
    update: async (resource) => {
      const { given } = read(resource);
      const standing = tables.services.get(serviceKey(given.cluster, given.name));
      if (standing === undefined) return provisioned(book.create(given, asRequest(resource)).arn);
      const { taskDefinition: wanted, desiredCount } = given;
      return provisioned(book.update(standing, { taskDefinition: wanted, desiredCount }).arn);
    },
    delete: async ({ physicalId }) => {
      const [clusterName = '', name = ''] = physicalId.split(':').at(-1)?.split('/').slice(1) ?? [];
      const standing = tables.services.get(serviceKey(clusterName, name));
      if (standing?.status === 'ACTIVE') book.remove(standing);
    },
  };
};

/** The CloudFormation types of ECS. `Ref` is a cluster's name, and the ARN of the others. */
export const ecsResources = (
  context: ServiceContext,
  tables: EcsTables,
  book: ServiceBook,
): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::ECS::Cluster': cluster(context, tables),
  'AWS::ECS::TaskDefinition': taskDefinition(tables, book),
  'AWS::ECS::Service': service(tables, book),
});
