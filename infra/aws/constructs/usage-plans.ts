import { CfnApiKey, CfnUsagePlan, CfnUsagePlanKey } from 'aws-cdk-lib/aws-apigateway';
import { Construct } from 'constructs';
import { apiKeyName } from '../../../shared/contracts/names.ts';
import type { StageConfig } from '../config.ts';
import { pascalCase } from '../names.ts';
import { checkPlannedModels, type UsagePlan } from '../usage-plans.ts';
import type { SignedApi } from './signed-api.ts';

/** Paths below which a model answers, as resources of the API. */
const belowModel = (model: string): readonly string[] => [`/v2/models/${model}/{proxy+}`, `/models/${model}/{proxy+}`];

/**
 * The stage's usage plans on the prediction API, with a key for each client. The keys have no values here: API Gateway
 * makes them up. Nothing is billed for plans or keys.
 */
export class UsagePlans extends Construct {
  constructor(
    scope: Construct,
    id: string,
    props: { readonly stage: StageConfig; readonly api: SignedApi; readonly models: readonly string[] },
  ) {
    super(scope, id);
    const { stage, api, models } = props;
    checkPlannedModels(stage.usagePlans, models);
    for (const model of new Set(stage.usagePlans.flatMap((plan) => Object.keys(plan.models ?? {})))) {
      // A plan limits a method by its name, and `ANY` is none.
      for (const path of belowModel(model)) api.nameMethod(path, 'POST');
    }
    for (const plan of stage.usagePlans) this.addPlan(stage.name, api, plan);
  }

  private addPlan(stageName: string, api: SignedApi, plan: UsagePlan): void {
    const { name, rateLimit, burstLimit, quota, models = {}, clients } = plan;
    const throttle = Object.fromEntries(
      Object.entries(models).flatMap(([model, limits]) =>
        belowModel(model).map((path) => [
          `${path}/POST`,
          { rateLimit: limits.rateLimit, burstLimit: limits.burstLimit },
        ]),
      ),
    );
    const { restApi } = api;
    const usagePlan = new CfnUsagePlan(this, pascalCase(name), {
      usagePlanName: `millrace-${stageName}-${name}`,
      description: `What each client of the plan ${name} may ask of the prediction API`,
      apiStages: [{ apiId: restApi.restApiId, stage: restApi.deploymentStage.stageName, throttle }],
      throttle: { rateLimit, burstLimit },
      ...(quota === undefined ? {} : { quota: { limit: quota.limit, period: quota.period } }),
    });
    for (const client of clients) {
      const key = new CfnApiKey(this, `Key${pascalCase(client)}`, {
        name: apiKeyName(stageName, client),
        description: `Client ${client} of the prediction API, plan ${name}`,
        enabled: true,
      });
      new CfnUsagePlanKey(this, `${pascalCase(name)}${pascalCase(client)}`, {
        usagePlanId: usagePlan.ref,
        keyId: key.ref,
        keyType: 'API_KEY',
      });
    }
  }
}
