import prices from './prices.json' with { type: 'json' };

const MILLION = 1_000_000;

type Rule = {
  readonly Statement?: { readonly ManagedRuleGroupStatement?: { readonly Name?: unknown } };
};

const ofBots = ({ Statement }: Rule): boolean =>
  Statement?.ManagedRuleGroupStatement?.Name === 'AWSManagedRulesBotControlRuleSet';

const amount = (usd: number): string => `${(usd * MILLION).toFixed(2)} $ a million requests`;

/** What a web application firewall bills while nobody calls, and in the note what for each call. */
export const firewallCost = (webAcl: Readonly<Record<string, unknown>>) => {
  const rules = (webAcl.Rules ?? []) as readonly Rule[];
  const bots = rules.some(ofBots);
  const usdPerMonth =
    prices.firewallMonth + rules.length * prices.firewallRuleMonth + (bots ? prices.botControlMonth : 0);
  const byRequest = amount(prices.firewallRequest);
  const note = bots ? `and ${byRequest}, ${amount(prices.botControlRequest)} more for bot control` : `and ${byRequest}`;
  return { item: 'web application firewall', count: 1, usdPerMonth, note: `${rules.length} rules; ${note}` };
};
