import { describe, expect, it } from 'vitest';
import { afterDestroy, idleCost, totalUsd } from '../../infra/commands/idle-cost.ts';
import { METRIC_NAMES } from '../../shared/contracts/metric-names.ts';
import { definition, synthesise } from './synthesise.ts';

const models = (count: number) => Array.from({ length: count }, (_, i) => definition(`model-${i}`));
const linesOf = (count: number) => idleCost(Object.values(synthesise({ definitions: models(count) }).templates));

describe('an idle stage', () => {
  it.each([1, 2, 3, 4, 20])('of %i models costs no more than 5 $ and 4 $ a model, a month', (count) => {
    expect(totalUsd(linesOf(count))).toBeLessThanOrEqual(5 + 4 * count);
  });

  it('counts every custom metric that alarms watch or dashboards show, at most ten a model', () => {
    const metrics = linesOf(2).find(({ item }) => item === 'custom metrics');

    expect(metrics?.count).toBe(2 * Object.keys(METRIC_NAMES).length);
    expect(Object.keys(METRIC_NAMES).length).toBeLessThanOrEqual(10);
  });

  it('counts one more of a model whose groups are compared', () => {
    const monitors = { performance: { fairness: { by: [{ name: 'kinds', feature: 'kind' }] } } };
    const features = [{ name: 'kind', type: 'category' as const }];
    const templates = synthesise({
      definitions: [definition('model-0', { monitors, features }), definition('model-1')],
    }).templates;
    const metrics = idleCost(Object.values(templates)).find(({ item }) => item === 'custom metrics');

    expect(metrics?.count).toBe(2 * Object.keys(METRIC_NAMES).length + 1);
    expect(JSON.stringify(templates.monitoring)).toContain('GroupDifference');
  });

  it('shows all models on a dashboard and each on one of its own while they are free', () => {
    const dashboards = (count: number) =>
      Object.values(synthesise({ definitions: models(count) }).templates.monitoring.Resources).filter(
        ({ Type }) => Type === 'AWS::CloudWatch::Dashboard',
      );

    expect(dashboards(2).map(({ Properties }) => Properties?.DashboardName)).toEqual([
      'millrace-dev-all_models',
      'millrace-dev-model-0',
      'millrace-dev-model-1',
    ]);
    expect(dashboards(3)).toHaveLength(1);
    const twenty = dashboards(20);
    expect(twenty).toHaveLength(1);
    for (const { name } of models(20)) expect(JSON.stringify(twenty)).toContain(`# ${name}\\`);
    expect(JSON.stringify(twenty)).toContain('Drift evidence: 1 is the limit');
    // A template does not know whether a version brought a calibrated limit.
    expect(JSON.stringify(twenty)).toContain('limit of the prediction where none was calibrated');
  });

  it('costs the key alone once it is destroyed', () => {
    const templates = Object.values(synthesise({ definitions: models(2) }).templates);
    const left = idleCost(afterDestroy(templates)).filter(({ usdPerMonth }) => usdPerMonth > 0);

    expect(left).toMatchObject([{ item: 'KMS keys', count: 1, usdPerMonth: 1 }]);
  });

  it('is refused while a resource in it has no known price', () => {
    const template = { Resources: { Nat: { Type: 'AWS::EC2::NatGateway' } } };

    expect(() => idleCost([template])).toThrow('no idle price is known for AWS::EC2::NatGateway');
  });

  it('is refused with a resource in a form that bills by the hour', () => {
    const template = {
      Resources: { Endpoint: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Interface' } } },
    };

    expect(() => idleCost([template])).toThrow('AWS::EC2::VPCEndpoint as it is deployed');
  });
});
