import { afterEach, beforeEach, expect, test } from 'vitest';
import { createApiKeys } from '../../../../../infra/commands/api-keys.ts';
import { type ControlApi, createControlApi } from '../../../../../infra/commands/control-api.ts';
import { type RestApi, startRestApi } from '../../../../helpers/rest-api.ts';

/** Keys by the control API, as the operators' command asks for them: signed, over HTTP. */

let local: RestApi;
let ask: ControlApi;
let ids: readonly string[];

beforeEach(async () => {
  local = await startRestApi(() => ({ statusCode: 200 }), { method: { ApiKeyRequired: true } });
  const names = ['millrace-dev-acme', 'millrace-dev-globex', 'millrace-prod-acme'];
  ids = await Promise.all(names.map((Name) => local.provision('ApiKey', Name, { Name, Enabled: true })));
  const ApiStages = [{ ApiId: local.apiId, Stage: 'v1' }];
  const UsagePlanId = await local.provision('UsagePlan', 'Plan', { UsagePlanName: 'gold', ApiStages });
  await local.provision('UsagePlanKey', 'PlanKey', { KeyId: ids[0], KeyType: 'API_KEY', UsagePlanId });
  const config = {
    credentials: async () => local.clientConfig.credentials,
    region: async () => 'us-east-1',
    systemClockOffset: local.clock.nowMs() - Date.now(),
  };
  ask = createControlApi(config, local.endpoint);
});
afterEach(() => local.stop());

test('keys of one stage are listed without their values', async () => {
  const keys = createApiKeys('dev', ask);

  expect(await keys.list()).toEqual([
    { id: ids[0], client: 'acme', enabled: true },
    { id: ids[1], client: 'globex', enabled: true },
  ]);
  const listed = JSON.stringify(await ask({ method: 'GET', path: '/apikeys' }));
  expect(listed).not.toContain(await keys.valueOf('acme'));
  await expect(keys.valueOf('initech')).rejects.toThrow('stage dev has no client initech; its clients: acme, globex');
});

test('a key that is switched off is refused at once, until it is switched on', async () => {
  const keys = createApiKeys('dev', ask);
  const value = await keys.valueOf('acme');
  const call = async () => (await fetch(`${local.baseUrl}/x`, { headers: { 'x-api-key': value } })).status;

  const before = await call();
  await keys.setEnabled('acme', false);
  const disabled = await call();
  await keys.setEnabled('acme', true);

  expect([before, disabled, await call()]).toEqual([200, 403, 200]);
});

test('a long list comes in pages', async () => {
  const first = (await ask({ method: 'GET', path: '/apikeys', query: { limit: '2' } })) as {
    readonly item: readonly object[];
    readonly position: string;
  };
  const rest = await ask({ method: 'GET', path: '/apikeys', query: { limit: '2', position: first.position } });

  expect(first.item).toHaveLength(2);
  expect(rest).toEqual({ item: [expect.any(Object)] });
  await expect(ask({ method: 'GET', path: '/apikeys', query: { limit: '0' } })).rejects.toThrow(
    'limit must be a whole number in [1, 500], got 0',
  );
  await expect(ask({ method: 'GET', path: '/apikeys', query: { position: 'nowhere' } })).rejects.toThrow('position');
});

test('plans are told by their keys', async () => {
  const plansOf = (keyId = '') => ask({ method: 'GET', path: '/usageplans', query: { keyId } });

  expect(await plansOf(ids[0])).toMatchObject({ item: [{ name: 'gold', apiStages: [{ stage: 'v1' }] }] });
  expect(await plansOf(ids[1])).toEqual({ item: [] });
});

test('nothing of a key but its being enabled is changed', async () => {
  const patchOperations = [{ op: 'replace', path: '/name', value: 'x' }];

  await expect(ask({ method: 'PATCH', path: `/apikeys/${ids[0]}`, body: { patchOperations } })).rejects.toThrow(
    'API Gateway answered 400',
  );
  await expect(ask({ method: 'PATCH', path: '/apikeys/none', body: { patchOperations: [] } })).rejects.toThrow('404');
});
