import { InvalidRequestError } from '../../shared/kernel/errors.ts';

/** Requests a second in the long run, and at most at once. */
export interface RateLimits {
  readonly rateLimit: number;
  readonly burstLimit: number;
}

/**
 * What each client of the prediction API may ask of it. A client is known by an API key, sent as `x-api-key` beside the
 * signature: the key says whose limits count, never who may call.
 */
export interface UsagePlan extends RateLimits {
  /** Lower-case letters, digits and hyphens, as clients' names are. */
  readonly name: string;
  /** Requests in a period; it begins anew with the UTC day, the week or the month. @default none */
  readonly quota?: { readonly limit: number; readonly period: 'DAY' | 'WEEK' | 'MONTH' };
  /** By model: limits of its predictions, of each of its two paths, within the plan's. @default none */
  readonly models?: Readonly<Record<string, RateLimits>>;
  /** Each has a key of its own, whose value API Gateway makes up; `npm run keys` shows it. */
  readonly clients: readonly string[];
}

const NAME = /^[a-z][a-z0-9-]{0,39}$/;
const MOST_RATE = 10_000;
const MOST_BURST = 5_000;
const MOST_QUOTA = 2_147_483_647;

const checkNumber = (where: string, value: number, most: number, whole: boolean): void => {
  if (value > 0 && value <= most && (!whole || Number.isInteger(value))) return;
  throw new InvalidRequestError(`${where} must be a ${whole ? 'whole ' : ''}number in (0, ${most}], got ${value}`);
};

const checkLimits = (where: string, { rateLimit, burstLimit }: RateLimits): void => {
  checkNumber(`${where}.rateLimit`, rateLimit, MOST_RATE, false);
  checkNumber(`${where}.burstLimit`, burstLimit, MOST_BURST, true);
};

const checkNames = (what: string, names: readonly string[]): void => {
  for (const [index, name] of names.entries()) {
    if (!NAME.test(name)) {
      throw new InvalidRequestError(
        `${what} must be 1 to 40 lower-case letters, digits and hyphens and start with a letter, got ${JSON.stringify(name)}`,
      );
    }
    if (names.indexOf(name) !== index) throw new InvalidRequestError(`${what} must be unique, got ${name} twice`);
  }
};

/** @throws InvalidRequestError that names the wrong field. */
export const checkUsagePlans = (plans: readonly UsagePlan[]): void => {
  checkNames(
    'usagePlans.name',
    plans.map(({ name }) => name),
  );
  // A key may belong to one plan of an API's stage only.
  checkNames(
    'usagePlans.clients',
    plans.flatMap(({ clients }) => clients),
  );
  for (const plan of plans) {
    const where = `usagePlans.${plan.name}`;
    checkLimits(where, plan);
    if (plan.quota !== undefined) checkNumber(`${where}.quota.limit`, plan.quota.limit, MOST_QUOTA, true);
    for (const [model, limits] of Object.entries(plan.models ?? {})) checkLimits(`${where}.models.${model}`, limits);
  }
};

/** @throws InvalidRequestError for limits of a model that has no definition. */
export const checkPlannedModels = (plans: readonly UsagePlan[], models: readonly string[]): void => {
  for (const { name, models: planned = {} } of plans) {
    const unknown = Object.keys(planned).find((model) => !models.includes(model));
    if (unknown === undefined) continue;
    throw new InvalidRequestError(
      `usagePlans.${name}.models must name models with a definition (${models.join(', ')}), got ${JSON.stringify(unknown)}`,
    );
  }
};
