import { describe, expect, it } from 'vitest';
import { checkStage, type StageConfig, stageConfig } from '../../infra/aws/config.ts';
import type { UsagePlan } from '../../infra/aws/usage-plans.ts';
import { definition, synthesise, type Template } from './synthesise.ts';

const GOLD: UsagePlan = {
  name: 'gold',
  rateLimit: 100,
  burstLimit: 200,
  quota: { limit: 1_000_000, period: 'MONTH' },
  models: { births: { rateLimit: 5, burstLimit: 10 } },
  clients: ['acme', 'globex'],
};
const SILVER: UsagePlan = { name: 'silver', rateLimit: 10, burstLimit: 20, clients: ['initech'] };
const withPlans = (...usagePlans: readonly UsagePlan[]): StageConfig => ({ ...stageConfig('dev'), usagePlans });

const ofType = ({ Resources }: Template, type: string) =>
  Object.values(Resources).flatMap(({ Type, Properties = {} }) =>
    Type === `AWS::ApiGateway::${type}` ? [Properties] : [],
  );

const planned = synthesise({ stage: withPlans(GOLD, SILVER) }).templates;
const plain = synthesise({}).templates;

describe('usage plans', () => {
  it('are none by default, and then no call needs a key', () => {
    expect(['UsagePlan', 'ApiKey', 'UsagePlanKey'].flatMap((type) => ofType(plain.serving, type))).toEqual([]);
    expect(ofType(plain.serving, 'Method').filter(({ ApiKeyRequired }) => ApiKeyRequired === true)).toEqual([]);
  });

  it('are of the prediction API alone, all of whose methods then need a key beside the signature', () => {
    const methods = ofType(planned.serving, 'Method');

    expect(methods.length).toBeGreaterThan(10);
    expect(methods.filter((one) => one.ApiKeyRequired !== true || one.AuthorizationType !== 'AWS_IAM')).toEqual([]);
    expect(ofType(planned.api, 'Method').filter(({ ApiKeyRequired }) => ApiKeyRequired === true)).toEqual([]);
  });

  it('hold rate, burst, quota and the limits of single models', () => {
    const [gold, silver] = ofType(planned.serving, 'UsagePlan');

    expect(gold).toMatchObject({
      UsagePlanName: 'millrace-dev-gold',
      Throttle: { RateLimit: 100, BurstLimit: 200 },
      Quota: { Limit: 1_000_000, Period: 'MONTH' },
      ApiStages: [
        {
          Throttle: {
            '/v2/models/births/{proxy+}/POST': { RateLimit: 5, BurstLimit: 10 },
            '/models/births/{proxy+}/POST': { RateLimit: 5, BurstLimit: 10 },
          },
        },
      ],
    });
    expect(silver).toMatchObject({ Throttle: { RateLimit: 10, BurstLimit: 20 }, ApiStages: [{ Throttle: {} }] });
    expect(silver).not.toHaveProperty('Quota');
  });

  it('limit methods that the API has by name, and that are answered as the others are', () => {
    const posts = ofType(planned.serving, 'Method').filter(({ HttpMethod }) => HttpMethod === 'POST');
    const uris = (method: string) =>
      new Set(
        ofType(planned.serving, 'Method')
          .filter(({ HttpMethod }) => HttpMethod === method)
          .map(({ Integration }) => JSON.stringify((Integration as { readonly Uri: unknown }).Uri)),
      );

    expect(posts).toHaveLength(2);
    expect(uris('POST').size).toBe(1);
    expect([...uris('ANY')]).toEqual(expect.arrayContaining([...uris('POST')]));
  });

  it('give each client a key without a value of ours', () => {
    const keys = ofType(planned.serving, 'ApiKey');

    expect(keys.map(({ Name }) => Name)).toEqual(['millrace-dev-acme', 'millrace-dev-globex', 'millrace-dev-initech']);
    expect(keys.filter((key) => 'Value' in key || key.Enabled !== true)).toEqual([]);
    expect(ofType(planned.serving, 'UsagePlanKey')).toHaveLength(3);
  });

  it.each([
    ['twice', [GOLD, GOLD], 'usagePlans.name must be unique, got gold twice'],
    ['a client of two', [GOLD, { ...SILVER, clients: ['acme'] }], 'usagePlans.clients must be unique, got acme twice'],
    ['a name', [{ ...GOLD, name: 'Gold' }], 'usagePlans.name must be 1 to 40 lower-case letters'],
    ['a rate', [{ ...GOLD, rateLimit: 0 }], 'usagePlans.gold.rateLimit must be a number in (0, 10000], got 0'],
    [
      'a burst',
      [{ ...GOLD, burstLimit: 1.5 }],
      'usagePlans.gold.burstLimit must be a whole number in (0, 5000], got 1.5',
    ],
    [
      'a quota',
      [{ ...GOLD, quota: { limit: 0, period: 'DAY' } }],
      'usagePlans.gold.quota.limit must be a whole number in (0, 2147483647], got 0',
    ],
    [
      "a model's rate",
      [{ ...GOLD, models: { births: { rateLimit: -1, burstLimit: 1 } } }],
      'usagePlans.gold.models.births.rateLimit must be a number in (0, 10000], got -1',
    ],
  ] as readonly [string, readonly UsagePlan[], string][])('are refused for %s', (_, plans, message) => {
    expect(() => checkStage(withPlans(...plans))).toThrow(message);
  });

  it('name no model without a definition', () => {
    const plan = { ...SILVER, models: { churn: { rateLimit: 1, burstLimit: 1 } } };

    expect(() => synthesise({ stage: withPlans(plan), definitions: [definition('births')] })).toThrow(
      'usagePlans.silver.models must name models with a definition (births), got "churn"',
    );
  });
});

it.each(['serving', 'api'] as const)('a refusal for too many calls says when to ask again (%s)', (part) => {
  const answers = ofType(plain[part], 'GatewayResponse').filter(({ ResponseType }) =>
    ['THROTTLED', 'QUOTA_EXCEEDED'].includes(String(ResponseType)),
  );
  const signed = answers.filter(({ ResponseParameters }) => ResponseParameters !== undefined);

  expect(signed.map((one) => [one.ResponseType, one.ResponseParameters])).toEqual([
    ['THROTTLED', { 'gatewayresponse.header.Retry-After': "'1'" }],
    ['QUOTA_EXCEEDED', { 'gatewayresponse.header.Retry-After': "'3600'" }],
  ]);
  expect(signed.map(({ ResponseTemplates }) => Object.keys(ResponseTemplates as object))).toEqual(
    part === 'serving'
      ? [['application/json'], ['application/json']]
      : [['application/problem+json'], ['application/problem+json']],
  );
});
