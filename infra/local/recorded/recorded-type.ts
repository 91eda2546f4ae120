import { createHash } from 'node:crypto';
import type { ProvisionedResource, ResourceContext, ResourceProvider, ServiceContext } from '../contracts.ts';
import { readProperties } from '../protocols/fields.ts';

/** A CloudFormation type that is kept as data and does nothing. */
export interface RecordedType {
  /** Why nothing here acts on it. */
  readonly reason: string;
  /** Properties that a template may state; any other is refused by name. */
  readonly properties: readonly string[];
  /** What `Ref` and `Fn::GetAtt` give. */
  readonly answer: (resource: RecordedResource) => ProvisionedResource;
}

export interface RecordedResource {
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Counts from 1 with every change. */
  readonly version: number;
  readonly createdAt: string;
  /** An id in AWS's form, always the same for the resource: `id('vpc')` gives `vpc-0a1b…`. */
  readonly id: (prefix: string) => string;
  readonly context: ServiceContext;
}

interface StoredResource {
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly version: number;
  readonly createdAtMs: number;
  readonly physicalId?: string;
}

const idOf = (name: string, prefix: string): string =>
  `${prefix}-0${createHash('sha256').update(`${prefix}:${name}`).digest('hex').slice(0, 16)}`;

export const recordedProvider = (context: ServiceContext, type: string, recorded: RecordedType): ResourceProvider => {
  const table = context.store.table<StoredResource>('recorded.resources');

  const put = (resource: ResourceContext): ProvisionedResource => {
    const properties = readProperties(resource, (fields) =>
      Object.fromEntries(
        recorded.properties.flatMap((name) => {
          const value = fields.raw(name);
          return value === undefined ? [] : [[name, value]];
        }),
      ),
    );
    const name = resource.generatedName;
    const before = table.get(name);
    const unchanged = before !== undefined && JSON.stringify(before.properties) === JSON.stringify(properties);
    const stored: StoredResource = {
      type,
      properties,
      version: (before?.version ?? 0) + (unchanged ? 0 : 1),
      createdAtMs: before?.createdAtMs ?? context.clock.nowMs(),
    };
    const provisioned = recorded.answer({
      name,
      properties,
      version: stored.version,
      createdAt: new Date(stored.createdAtMs).toISOString(),
      id: (prefix) => idOf(name, prefix),
      context,
    });
    table.put(name, { ...stored, physicalId: provisioned.physicalId });
    return provisioned;
  };

  return {
    create: async (resource) => put(resource),
    update: async (resource) => put(resource),
    delete: async ({ generatedName, physicalId }) => {
      // One that was renamed in place stands under the same key.
      if ((table.get(generatedName)?.physicalId ?? physicalId) === physicalId) table.delete(generatedName);
    },
  };
};
