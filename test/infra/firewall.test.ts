import { describe, expect, it } from 'vitest';
import { checkStage, stageConfig } from '../../infra/aws/config.ts';
import type { Firewall } from '../../infra/aws/firewall.ts';
import { idleCost, totalUsd } from '../../infra/commands/idle-cost.ts';
import { definition, synthesise } from './synthesise.ts';

const templatesOf = (firewall: Firewall | 'off') =>
  synthesise({ stage: { ...stageConfig('dev'), firewall }, definitions: [definition('births')] }).templates;
const serving = (firewall: Firewall) =>
  Object.values(templatesOf(firewall).serving.Resources).filter(({ Type }) => Type.startsWith('AWS::WAFv2::'));

const WHOLE: Firewall = { ratePer5Minutes: 2_000, botControl: true, countries: { allow: ['CH', 'LI'] } };

describe('a firewall', () => {
  it('is none by default', () => {
    expect(JSON.stringify(templatesOf('off'))).not.toContain('AWS::WAFv2');
  });

  it('stands before the prediction API’s stage', () => {
    const association = serving(WHOLE).find(({ Type }) => Type === 'AWS::WAFv2::WebACLAssociation');

    expect(JSON.stringify(association?.Properties)).toMatch(/:apigateway:.*\/restapis\/.*ApiRestApi.*\/stages\//);
    expect(JSON.stringify(association?.Properties)).toContain('"WebACLArn":{"Fn::GetAtt":["ApiFirewallWebAcl');
  });

  it('blocks by country, then by rate, then bots but for what every program is to them', () => {
    const acl = serving(WHOLE).find(({ Type }) => Type === 'AWS::WAFv2::WebACL');

    expect(acl?.Properties).toMatchObject({
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      Rules: [
        {
          Name: 'countries',
          Priority: 0,
          Action: { Block: {} },
          Statement: { NotStatement: { Statement: { GeoMatchStatement: { CountryCodes: ['CH', 'LI'] } } } },
        },
        {
          Name: 'rate',
          Priority: 1,
          Action: { Block: {} },
          Statement: { RateBasedStatement: { Limit: 2_000, AggregateKeyType: 'IP', EvaluationWindowSec: 300 } },
        },
        {
          Name: 'bots',
          Priority: 2,
          OverrideAction: { None: {} },
          Statement: {
            ManagedRuleGroupStatement: {
              Name: 'AWSManagedRulesBotControlRuleSet',
              RuleActionOverrides: [
                { Name: 'CategoryHttpLibrary', ActionToUse: { Count: {} } },
                { Name: 'SignalNonBrowserUserAgent', ActionToUse: { Count: {} } },
              ],
            },
          },
        },
      ],
    });
    // Samples of requests would show keys.
    expect(JSON.stringify(acl)).not.toContain('"SampledRequestsEnabled":true');
  });

  it('blocks the countries of a block list', () => {
    const [acl] = serving({ countries: { block: ['KP'] } });

    expect(acl?.Properties).toMatchObject({
      Rules: [{ Action: { Block: {} }, Statement: { GeoMatchStatement: { CountryCodes: ['KP'] } } }],
    });
  });

  it.each([
    [{ ratePer5Minutes: 500 }, 6],
    [{ ratePer5Minutes: 500, countries: { allow: ['CH'] } }, 7],
    [WHOLE, 18],
  ] as const)('%j costs %i $ a month more', (firewall, usd) => {
    const cost = (option: Firewall | 'off') => idleCost(Object.values(templatesOf(option)));
    const line = cost(firewall).find(({ item }) => item === 'web application firewall');

    expect(totalUsd(cost(firewall)) - totalUsd(cost('off'))).toBeCloseTo(usd, 6);
    expect(line?.note).toContain('0.60 $ a million requests');
  });

  it.each([
    [{}, "firewall must have a rule, or be 'off': it would bill for nothing"],
    [{ botControl: false }, 'firewall must have a rule'],
    [{ ratePer5Minutes: 9 }, 'firewall.ratePer5Minutes must be a whole number in [10, 2000000000], got 9'],
    [{ countries: { allow: [] } }, 'firewall.countries.allow must name 1 to 50 countries, got 0'],
    [{ countries: { block: ['Switzerland'] } }, 'firewall.countries.block must hold ISO 3166 codes such as CH'],
  ] as readonly [Firewall, string][])('%j is refused', (firewall, message) => {
    expect(() => checkStage({ ...stageConfig('dev'), firewall })).toThrow(message);
  });
});
