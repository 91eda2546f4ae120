import { Stack } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import type { StageConfig } from '../config.ts';
import type { Firewall } from '../firewall.ts';

type Rule = CfnWebACL.RuleProperty;

/** Rules of AWS's that programs trip by being programs: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-bot.html */
const RULES_FOR_BROWSERS = ['CategoryHttpLibrary', 'SignalNonBrowserUserAgent'];
const WINDOW_SECONDS = 300;

const measuredAs = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  metricName,
  cloudWatchMetricsEnabled: true,
  // Samples would show headers, and keys among them.
  sampledRequestsEnabled: false,
});

const ruleOf = (name: string, rule: Pick<Rule, 'statement' | 'action' | 'overrideAction'>): Omit<Rule, 'priority'> => ({
  name,
  visibilityConfig: measuredAs(name),
  ...rule,
});

const countryRule = (countries: NonNullable<Firewall['countries']>): Omit<Rule, 'priority'> => {
  const statement = (countryCodes: readonly string[]) => ({ geoMatchStatement: { countryCodes: [...countryCodes] } });
  return ruleOf('countries', {
    statement:
      'block' in countries ? statement(countries.block) : { notStatement: { statement: statement(countries.allow) } },
    action: { block: {} },
  });
};

const botRule = (): Omit<Rule, 'priority'> =>
  ruleOf('bots', {
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name: 'AWSManagedRulesBotControlRuleSet',
        managedRuleGroupConfigs: [{ awsManagedRulesBotControlRuleSet: { inspectionLevel: 'COMMON' } }],
        ruleActionOverrides: RULES_FOR_BROWSERS.map((name) => ({ name, actionToUse: { count: {} } })),
      },
    },
    overrideAction: { none: {} },
  });

const rateRule = (limit: number): Omit<Rule, 'priority'> =>
  ruleOf('rate', {
    statement: { rateBasedStatement: { limit, aggregateKeyType: 'IP', evaluationWindowSec: WINDOW_SECONDS } },
    action: { block: {} },
  });

/** What is cheap to tell comes first: what a rule blocks is not billed by the rules behind it. */
const rulesOf = ({ countries, ratePer5Minutes, botControl = false }: Firewall): Rule[] =>
  [
    ...(countries === undefined ? [] : [countryRule(countries)]),
    ...(ratePer5Minutes === undefined ? [] : [rateRule(ratePer5Minutes)]),
    ...(botControl ? [botRule()] : []),
  ].map((rule, priority) => ({ ...rule, priority }));

/** A web application firewall before a REST API's stage. */
export class ApiFirewall extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { readonly stage: StageConfig; readonly firewall: Firewall; readonly restApi: RestApi },
  ) {
    super(scope, id);
    const { stage, firewall, restApi } = props;
    const { attrArn: webAclArn } = new CfnWebACL(this, 'WebAcl', {
      description: `Requests to the prediction API of stage ${stage.name}`,
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      rules: rulesOf(firewall),
      visibilityConfig: measuredAs(`millrace-${stage.name}-predict`),
    });
    const { partition, region } = Stack.of(this);
    new CfnWebACLAssociation(this, 'Association', {
      resourceArn: `arn:${partition}:apigateway:${region}::/restapis/${restApi.restApiId}/stages/${restApi.deploymentStage.stageName}`,
      webAclArn,
    });
  }
}
