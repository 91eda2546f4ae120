import type { ProvisionedResource, ResourceContext, ResourceProvider, ServiceContext } from '../contracts.ts';
import { type Fields, readProperties } from '../protocols/fields.ts';
import type { ApiStore } from './api-store.ts';
import type { RateLimits, UsagePlanRecord } from './records.ts';
import { stableId } from './stable-id.ts';

/** API keys and usage plans as the template describes them. */

const provisioned = (id: string, attributes: Readonly<Record<string, unknown>> = {}): ProvisionedResource => ({
  physicalId: id,
  attributes,
});

/** A value that AWS would make up: 40 letters and digits, the same for as long as the key stands. */
const madeUpValue = ({ ids }: ServiceContext): string => ids.bytes(20).toString('hex');

const apiKey = (context: ServiceContext, store: ApiStore): ResourceProvider => {
  const put = async (resource: ResourceContext): Promise<ProvisionedResource> => {
    const id = stableId(resource);
    const given = readProperties(resource, (fields) => {
      fields.accept('Description', 'Tags');
      return {
        name: fields.text('Name') ?? resource.generatedName,
        value: fields.text('Value'),
        enabled: fields.flag('Enabled') ?? false,
      };
    });
    const value = given.value ?? store.apiKeys.get(id)?.value ?? madeUpValue(context);
    store.apiKeys.put(id, { id, name: given.name, value, enabled: given.enabled });
    return provisioned(id, { APIKeyId: id });
  };
  return { create: put, update: put, delete: async ({ physicalId }) => store.apiKeys.delete(physicalId) };
};

const readLimits = (fields: Fields): RateLimits => ({
  rateLimit: fields.number('RateLimit') ?? Number.MAX_SAFE_INTEGER,
  burstLimit: fields.integer('BurstLimit', { min: 0, max: 1_000_000 }) ?? Number.MAX_SAFE_INTEGER,
});

const readQuota = (fields: Fields): NonNullable<UsagePlanRecord['quota']> => {
  const period = fields.choice('Period', ['DAY', 'WEEK', 'MONTH']);
  const limit = fields.integer('Limit', { min: 0, max: 2_147_483_647 });
  if (period === undefined || limit === undefined) throw fields.refuse('Period and Limit', 'are required');
  // Said to be requests in one place of AWS's documents and bounded like days in another.
  if ((fields.integer('Offset', { min: 0, max: 27 }) ?? 0) !== 0)
    throw fields.refuse('Offset', 'is not supported here');
  return { period, limit };
};

const usagePlan = (store: ApiStore): ResourceProvider => {
  const put = async (resource: ResourceContext): Promise<ProvisionedResource> => {
    const id = stableId(resource);
    const { throttle, quota, ...plan } = readProperties(resource, (fields) => {
      fields.accept('Description', 'Tags');
      return {
        name: fields.text('UsagePlanName') ?? resource.generatedName,
        stages:
          fields.list('ApiStages', (one) => ({
            apiId: one.requiredText('ApiId'),
            stage: one.requiredText('Stage'),
            throttles: one.objectMap('Throttle', readLimits) ?? {},
          })) ?? [],
        throttle: fields.object('Throttle', readLimits),
        quota: fields.object('Quota', readQuota),
      };
    });
    store.usagePlans.put(id, {
      id,
      ...plan,
      keys: store.usagePlans.get(id)?.keys ?? [],
      ...(throttle === undefined ? {} : { throttle }),
      ...(quota === undefined ? {} : { quota }),
    });
    return provisioned(id, { Id: id });
  };
  const remove = (id: string): void => {
    for (const [key] of store.usage.entries(`${id}/`)) store.usage.delete(key);
    store.usagePlans.delete(id);
  };
  return { create: put, update: put, delete: async ({ physicalId }) => remove(physicalId) };
};

/** Adds a key to a plan; its physical id names both. */
const usagePlanKey = (store: ApiStore): ResourceProvider => {
  const setKeys = (planId: string, change: (keys: readonly string[]) => readonly string[]): void => {
    const plan = store.usagePlans.get(planId);
    if (plan !== undefined) store.usagePlans.put(planId, { ...plan, keys: change(plan.keys) });
  };
  const put = async (resource: ResourceContext): Promise<ProvisionedResource> => {
    const { planId, keyId } = readProperties(resource, (fields) => {
      fields.choice('KeyType', ['API_KEY']);
      return { planId: fields.requiredText('UsagePlanId'), keyId: fields.requiredText('KeyId') };
    });
    setKeys(planId, (keys) => [...keys.filter((key) => key !== keyId), keyId]);
    return provisioned(`${keyId}:${planId}`, { Id: `${keyId}:${planId}` });
  };
  return {
    create: put,
    update: put,
    delete: async ({ physicalId }) => {
      const [keyId, planId = ''] = physicalId.split(':');
      setKeys(planId, (keys) => keys.filter((key) => key !== keyId));
    },
  };
};

export const keyResources = (context: ServiceContext, store: ApiStore): Readonly<Record<string, ResourceProvider>> => ({
  'AWS::ApiGateway::ApiKey': apiKey(context, store),
  'AWS::ApiGateway::UsagePlan': usagePlan(store),
  'AWS::ApiGateway::UsagePlanKey': usagePlanKey(store),
});
