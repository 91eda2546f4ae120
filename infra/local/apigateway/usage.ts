import { DAY_MS } from '../../../shared/kernel/time.ts';
import type { LocalClock, WireResponse } from '../contracts.ts';
import type { ApiStore } from './api-store.ts';
import type { Exchange, RoutedExchange } from './exchange.ts';
import type { ApiKeyRecord, RateLimits, UsagePlanRecord } from './records.ts';
import { refusal } from './refusal.ts';
import type { Throttle } from './throttle.ts';

/**
 * API keys and what their usage plans allow.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
 */

const tooMany = (): WireResponse => refusal(429, 'TooManyRequestsException', 'Too Many Requests');

const findKey = ({ apiKeys }: ApiStore, value: string | undefined): ApiKeyRecord | undefined => {
  if (value === undefined) return undefined;
  const [, key] = apiKeys.entries().find(([, one]) => one.value === value) ?? [];
  return key?.enabled === true ? key : undefined;
};

const stageOf = ({ stages }: UsagePlanRecord, { api, stage }: Exchange) =>
  stages.find((one) => one.apiId === api.id && one.stage === stage.name);

/** A key may belong to several plans, but to one for a stage only. */
const planFor = (store: ApiStore, key: ApiKeyRecord, exchange: Exchange): UsagePlanRecord | undefined =>
  store.usagePlans
    .entries()
    .map(([, plan]) => plan)
    .find((plan) => plan.keys.includes(key.id) && stageOf(plan, exchange) !== undefined);

/** Start of the period in UTC: a day, a week from Sunday on, a month. */
const periodStartMs = ({ period }: NonNullable<UsagePlanRecord['quota']>, nowMs: number): number => {
  const date = new Date(nowMs);
  const dayMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  if (period === 'DAY') return dayMs;
  if (period === 'WEEK') return dayMs - date.getUTCDay() * DAY_MS;
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
};

/** Counts a request against the quota. @returns whether it is within it */
const countQuota = (store: ApiStore, plan: UsagePlanRecord, key: ApiKeyRecord, nowMs: number): boolean => {
  if (plan.quota === undefined) return true;
  const name = `${plan.id}/${key.id}`;
  const startMs = periodStartMs(plan.quota, nowMs);
  const before = store.usage.get(name);
  const count = before?.periodStartMs === startMs ? before.count : 0;
  if (count >= plan.quota.limit) return false;
  store.usage.put(name, { periodStartMs: startMs, count: count + 1 });
  return true;
};

const limitsFor = (plan: UsagePlanRecord, exchange: RoutedExchange): readonly (readonly [string, RateLimits])[] => {
  const place = `${exchange.match.route.path}/${exchange.request.method}`;
  const atMethod = stageOf(plan, exchange)?.throttles[place];
  return [
    ...(atMethod === undefined ? [] : [[place, atMethod] as const]),
    ...(plan.throttle === undefined ? [] : [['', plan.throttle] as const]),
  ];
};

/** Refuses a request without a valid key, and one that its key's plan does not allow. */
export const refusedByUsage = (
  { store, clock, throttle }: { readonly store: ApiStore; readonly clock: LocalClock; readonly throttle: Throttle },
  exchange: RoutedExchange,
): WireResponse | undefined => {
  if (exchange.method.apiKeyRequired !== true) return undefined;
  const key = findKey(store, exchange.request.headers['x-api-key']);
  const plan = key && planFor(store, key, exchange);
  if (key === undefined || plan === undefined) return refusal(403, 'ForbiddenException', 'Forbidden');
  exchange.apiKey = key;
  for (const [place, limits] of limitsFor(plan, exchange)) {
    if (!throttle.admit(`${plan.id}/${key.id}/${place}`, limits)) return tooMany();
  }
  if (countQuota(store, plan, key, clock.nowMs())) return undefined;
  return refusal(429, 'LimitExceededException', 'Limit Exceeded');
};

/** Of the account in a region, over all its APIs. */
const ACCOUNT_LIMITS: RateLimits = { rateLimit: 10_000, burstLimit: 5_000 };

export const refusedByThrottle = (throttle: Throttle, { stage, setting }: Exchange): WireResponse | undefined => {
  const { rateLimit, burstLimit } = setting ?? {};
  if (setting !== undefined && rateLimit !== undefined && burstLimit !== undefined) {
    const name = `${stage.apiId}/${stage.name}/${setting.httpMethod}${setting.resourcePath}`;
    if (!throttle.admit(name, { rateLimit, burstLimit })) return tooMany();
  }
  return throttle.admit('account', ACCOUNT_LIMITS) ? undefined : tooMany();
};
