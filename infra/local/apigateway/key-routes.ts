import { AwsError, type CloudIdentity } from '../contracts.ts';
import type { AccessRule, AccessRules, RestInput } from '../iam/guard.ts';
import { readFields } from '../protocols/fields.ts';
import type { RestCall, RestProtocol } from '../protocols/rest.ts';
import type { ApiStore } from './api-store.ts';
import type { ApiKeyRecord, UsagePlanRecord } from './records.ts';

/**
 * What of the control API is served: API keys are read, switched off and on. Whatever else it would change, the
 * template owns. https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html
 */

const MOST_ITEMS = 500;
const DEFAULT_ITEMS = 25;

const keyForm = ({ id, name, value, enabled }: ApiKeyRecord, withValue: boolean) => ({
  id,
  name,
  enabled,
  stageKeys: [],
  ...(withValue ? { value } : {}),
});

const planForm = ({ id, name, stages, throttle, quota }: UsagePlanRecord) => ({
  id,
  name,
  apiStages: stages.map(({ apiId, stage, throttles }) => ({ apiId, stage, throttle: throttles })),
  ...(throttle === undefined ? {} : { throttle }),
  ...(quota === undefined ? {} : { quota }),
});

const badRequest = (message: string): AwsError => new AwsError('BadRequestException', message);

/** One page of a list, whose position is the id of the last item before it. */
const pageOf = <T extends { readonly id: string }>({ query }: RestCall, all: readonly T[]) => {
  const limit = Number(query.get('limit') ?? DEFAULT_ITEMS);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ITEMS) {
    throw badRequest(`limit must be a whole number in [1, ${MOST_ITEMS}], got ${query.get('limit')}`);
  }
  const position = query.get('position');
  const start = position === null ? 0 : all.findIndex(({ id }) => id === position) + 1;
  if (position !== null && start === 0)
    throw badRequest(`position is not one that this list gave out, got ${position}`);
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  return { items, ...(start + limit < all.length && last !== undefined ? { position: last.id } : {}) };
};

const findKey = ({ apiKeys }: ApiStore, { path }: RestCall): ApiKeyRecord => {
  const key = apiKeys.get(path.api_Key ?? '');
  if (key === undefined) throw new AwsError('NotFoundException', 'Invalid API Key identifier specified', 404);
  return key;
};

/** `enabled` alone can be changed here. */
const readEnabled = (body: Readonly<Record<string, unknown>>): boolean | undefined =>
  readFields(body, { code: 'BadRequestException' }, (fields) =>
    fields
      .list('patchOperations', (one) => {
        one.choice('op', ['replace']);
        one.choice('path', ['/enabled']);
        return one.flag('value');
      })
      ?.at(-1),
  );

export const keyRoutes = (store: ApiStore): RestProtocol['routes'] => ({
  'GET /apikeys?includeValues&limit&name&position': (call) => {
    const prefix = call.query.get('name') ?? '';
    const all = store.apiKeys.entries().map(([, key]) => key);
    const { items, ...page } = pageOf(
      call,
      all.filter(({ name }) => name.startsWith(prefix)),
    );
    const withValues = call.query.get('includeValues') === 'true';
    return { item: items.map((key) => keyForm(key, withValues)), ...page };
  },
  'GET /apikeys/{api_Key}?includeValue': (call) =>
    keyForm(findKey(store, call), call.query.get('includeValue') === 'true'),
  'PATCH /apikeys/{api_Key}': async (call) => {
    const enabled = readEnabled(await call.json());
    const key = findKey(store, call);
    const changed = { ...key, enabled: enabled ?? key.enabled };
    store.apiKeys.put(key.id, changed);
    return keyForm(changed, false);
  },
  'GET /usageplans?keyId&limit&position': (call) => {
    const keyId = call.query.get('keyId');
    const all = store.usagePlans.entries().map(([, plan]) => plan);
    const { items, ...page } = pageOf(
      call,
      all.filter(({ keys }) => keyId === null || keys.includes(keyId)),
    );
    return { item: items.map(planForm), ...page };
  },
});

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html */
export const keyAccess = ({ partition, region }: CloudIdentity): AccessRules<RestInput> => {
  const on =
    (action: 'GET' | 'PATCH', resource: string): AccessRule<RestInput> =>
    ({ call }) => [
      {
        action: `apigateway:${action}`,
        resource: `arn:${partition}:apigateway:${region}::${resource}${call.path.api_Key ?? ''}`,
      },
    ];
  return {
    'GET /apikeys': on('GET', '/apikeys'),
    'GET /apikeys/{api_Key}': on('GET', '/apikeys/'),
    'PATCH /apikeys/{api_Key}': on('PATCH', '/apikeys/'),
    'GET /usageplans': on('GET', '/usageplans'),
  };
};
