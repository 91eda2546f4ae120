import { afterEach, expect, test } from 'vitest';
import { DAY_MS } from '../../../../../shared/kernel/time.ts';
import { type RestApi, startRestApi } from '../../../../helpers/rest-api.ts';

let local: RestApi;
afterEach(() => local?.stop());

const VALUE = 'k'.repeat(40);

/** An API whose methods want a key, and a usage plan with one key. */
const start = async (plan: Readonly<Record<string, unknown>>, key: Readonly<Record<string, unknown>> = {}) => {
  local = await startRestApi(() => ({ statusCode: 200, body: 'ok' }), { method: { ApiKeyRequired: true } });
  const KeyId = await local.provision('ApiKey', 'Key', { Name: 'partner', Value: VALUE, Enabled: true, ...key });
  const UsagePlanId = await local.provision('UsagePlan', 'Plan', {
    UsagePlanName: 'partners',
    ApiStages: [{ ApiId: local.apiId, Stage: 'v1' }],
    ...plan,
  });
  await local.provision('UsagePlanKey', 'PlanKey', { KeyId, KeyType: 'API_KEY', UsagePlanId });
  return async (value: string | undefined = VALUE) => {
    const answer = await fetch(`${local.baseUrl}/x`, { headers: value === undefined ? {} : { 'x-api-key': value } });
    const text = await answer.text();
    return answer.ok ? [answer.status] : [answer.status, JSON.parse(text).message];
  };
};

test('lets a request through only with a key of a plan of this stage', async () => {
  const ask = await start({});
  await local.provision('ApiKey', 'Loose', { Value: 'l'.repeat(40), Enabled: true });

  const unsaid = await fetch(`${local.baseUrl}/x`);

  expect(await ask()).toEqual([200]);
  expect([unsaid.status, await unsaid.json()]).toEqual([403, { message: 'Forbidden' }]);
  expect(await ask('wrong')).toEqual([403, 'Forbidden']);
  expect(await ask('l'.repeat(40))).toEqual([403, 'Forbidden']);
});

test('refuses a key that is not enabled', async () => {
  const ask = await start({}, { Enabled: false });

  expect(await ask()).toEqual([403, 'Forbidden']);
});

test('throttles a key at its plan\u2019s burst, by virtual time', async () => {
  const ask = await start({ Throttle: { RateLimit: 1, BurstLimit: 2 } });

  expect([await ask(), await ask(), await ask()]).toEqual([[200], [200], [429, 'Too Many Requests']]);
  await local.clock.advanceBy(1_000);
  expect([await ask(), await ask()]).toEqual([[200], [429, 'Too Many Requests']]);
});

test('throttles each key for itself', async () => {
  const ask = await start({ Throttle: { RateLimit: 1, BurstLimit: 1 } });
  const other = 'o'.repeat(40);
  const KeyId = await local.provision('ApiKey', 'Other', { Value: other, Enabled: true });
  const UsagePlanId = local.store.table('apigateway-usage-plans').entries()[0]?.[0] ?? '';
  await local.provision('UsagePlanKey', 'OtherPlanKey', { KeyId, KeyType: 'API_KEY', UsagePlanId });

  expect([await ask(), await ask()]).toEqual([[200], [429, 'Too Many Requests']]);
  expect([await ask(other), await ask(other)]).toEqual([[200], [429, 'Too Many Requests']]);
});

test('says when to ask again, as the API has it said of each limit', async () => {
  await start({ Throttle: { RateLimit: 1, BurstLimit: 2 }, Quota: { Limit: 1, Period: 'MONTH' } });
  for (const [ResponseType, seconds] of [
    ['THROTTLED', 1],
    ['QUOTA_EXCEEDED', 3_600],
  ] as const) {
    await local.provision('GatewayResponse', ResponseType, {
      RestApiId: local.apiId,
      ResponseType,
      ResponseParameters: { 'gatewayresponse.header.Retry-After': `'${seconds}'` },
    });
  }
  const askFor = async () => {
    const answer = await fetch(`${local.baseUrl}/x`, { headers: { 'x-api-key': VALUE } });
    return [answer.status, answer.headers.get('retry-after')];
  };

  expect([await askFor(), await askFor(), await askFor()]).toEqual([
    [200, null],
    [429, '3600'],
    [429, '1'],
  ]);
});

test('counts a quota by the week from Sunday, and by the month', async () => {
  const ask = await start({ Quota: { Limit: 1, Period: 'WEEK' } });
  // The clock starts on a Monday: the first of January 2001.
  expect([await ask(), await ask()]).toEqual([[200], [429, 'Limit Exceeded']]);
  await local.clock.advanceBy(5 * DAY_MS);
  expect(await ask()).toEqual([429, 'Limit Exceeded']);
  await local.clock.advanceBy(DAY_MS);
  expect([await ask(), await ask()]).toEqual([[200], [429, 'Limit Exceeded']]);
});

test('refuses a quota that begins within its period', async () => {
  await expect(start({ Quota: { Limit: 1, Period: 'MONTH', Offset: 3 } })).rejects.toThrow(
    'Quota.Offset is not supported here',
  );
});

test('counts a quota by the day and begins anew with the next', async () => {
  const ask = await start({ Quota: { Limit: 2, Period: 'DAY' } });

  expect([await ask(), await ask(), await ask()]).toEqual([[200], [200], [429, 'Limit Exceeded']]);
  await local.clock.advanceBy(DAY_MS);
  expect(await ask()).toEqual([200]);
});

test('limits a method of a stage for itself', async () => {
  local = await startRestApi(() => ({ statusCode: 200 }), {
    methods: [
      ['/slow', 'GET'],
      ['/fast', 'GET'],
    ],
    method: { ApiKeyRequired: true },
  });
  const KeyId = await local.provision('ApiKey', 'Key', { Value: VALUE, Enabled: true });
  const Throttle = { '/slow/GET': { RateLimit: 1, BurstLimit: 1 } };
  const UsagePlanId = await local.provision('UsagePlan', 'Plan', {
    ApiStages: [{ ApiId: local.apiId, Stage: 'v1', Throttle }],
  });
  await local.provision('UsagePlanKey', 'PlanKey', { KeyId, KeyType: 'API_KEY', UsagePlanId });
  const status = async (path: string) =>
    (await fetch(local.baseUrl + path, { headers: { 'x-api-key': VALUE } })).status;

  expect([await status('/slow'), await status('/slow')]).toEqual([200, 429]);
  expect([await status('/fast'), await status('/fast')]).toEqual([200, 200]);
});
