import { InvalidRequestError } from '../../shared/kernel/errors.ts';

/**
 * What a web application firewall (AWS WAF) before the prediction API lets through. It bills 5 $ a month, 1 $ a rule,
 * and by the request; `npm run cost` counts it. What it blocks gets 403 before anything else is looked at.
 */
export interface Firewall {
  /** Requests of one IP address in any five minutes; beyond them it is blocked until it sends fewer. */
  readonly ratePer5Minutes?: number;
  /**
   * Whether AWS's rules against bots apply, 10 $ a month more. Programs that call an API are bots to some of them:
   * what tells an HTTP library or a client without a browser is counted, not blocked.
   */
  readonly botControl?: boolean;
  /** By ISO 3166 codes such as `CH`: the only countries that requests may come from, or those that they may not. */
  readonly countries?: { readonly allow: readonly string[] } | { readonly block: readonly string[] };
}

const LEAST_RATE = 10;
const MOST_RATE = 2_000_000_000;
/** Of one list of AWS WAF. */
const MOST_COUNTRIES = 50;

const checkCountries = (countries: NonNullable<Firewall['countries']>): void => {
  const [kind, codes] = 'allow' in countries ? ['allow', countries.allow] : ['block', countries.block];
  const where = `firewall.countries.${kind}`;
  if (codes.length < 1 || codes.length > MOST_COUNTRIES) {
    throw new InvalidRequestError(`${where} must name 1 to ${MOST_COUNTRIES} countries, got ${codes.length}`);
  }
  const wrong = codes.find((code) => !/^[A-Z]{2}$/.test(code));
  if (wrong !== undefined) {
    throw new InvalidRequestError(`${where} must hold ISO 3166 codes such as CH, got ${JSON.stringify(wrong)}`);
  }
};

/** @throws InvalidRequestError that names the wrong field. */
export const checkFirewall = (firewall: Firewall | 'off'): void => {
  if (firewall === 'off') return;
  const { ratePer5Minutes: rate, botControl = false, countries } = firewall;
  if (rate === undefined && !botControl && countries === undefined) {
    throw new InvalidRequestError("firewall must have a rule, or be 'off': it would bill for nothing");
  }
  if (rate !== undefined && (!Number.isInteger(rate) || rate < LEAST_RATE || rate > MOST_RATE)) {
    throw new InvalidRequestError(
      `firewall.ratePer5Minutes must be a whole number in [${LEAST_RATE}, ${MOST_RATE}], got ${rate}`,
    );
  }
  if (countries !== undefined) checkCountries(countries);
};
