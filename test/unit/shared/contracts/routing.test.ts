import { describe, expect, it } from 'vitest';
import { parse } from '../../../../shared/contracts/parse.ts';
import { ExperimentBody, RollbackBody } from '../../../../shared/contracts/routing.ts';
import { benchDefinition } from '../../../helpers/training-bench.ts';

const deployed = (deployment: object) => benchDefinition({ deployment: deployment as never }).deployment;
const when = { header: 'x-team', in: ['ours'] };

describe('the routing of a definition', () => {
  it('says what a unit is and whose requests are not drawn', () => {
    const routing = { unit: { feature: 'kind' }, cohorts: [{ name: 'testers', when, to: 'canary' }] };

    expect(deployed({ router: 'exact', routing })).toMatchObject({ router: 'exact', routing });
    expect(deployed({})).toMatchObject({ router: 'alias' });
  });

  it.each([
    [{ routing: {} }, 'deployment.routing needs deployment.router exact'],
    [{ router: 'exact', routing: { unit: { feature: 'colour' } } }, 'colour is no feature of the model'],
    [
      { router: 'exact', routing: { unit: { entity: 'origin' } } },
      'origin is no join key of a feature view; there are none',
    ],
    [{ router: 'exact', routing: { unit: { header: 'X-User' } } }, 'must be a header in lower case'],
    [
      { router: 'exact', routing: { unit: { header: 'x-user', feature: 'kind' } } },
      'unknown key "header"; allowed: feature',
    ],
    [{ router: 'exact', routing: { cohorts: [{ name: 'a', when, to: 'v2' }] } }, 'routing.cohorts'],
    [
      { router: 'exact', routing: { cohorts: ['a', 'a'].map((name) => ({ name, when, to: 'canary' })) } },
      'must not repeat a name',
    ],
    [{ router: 'random' }, 'deployment.router'],
    [{ target: 'ecs', router: 'exact' }, 'unknown key "router"'],
  ])('with %j is refused', (deployment, says) => {
    expect(() => deployed(deployment)).toThrow(says);
  });
});

describe('what the platform API is asked', () => {
  const arms = [
    { version: 1, share: 0.5 },
    { version: 2, share: 0.5 },
  ];
  const experiment = { name: 'new-model', arms, durationHours: 24, reason: 'is it better?' };

  it('is an experiment of versions, shares, a length and a reason', () => {
    expect(parse(ExperimentBody, experiment)).toEqual(experiment);
  });

  it.each([
    [{ arms: arms.slice(1) }, 'must have two versions or more'],
    [{ arms: [{ version: 1, share: 1 }, ...arms] }, 'must be below 1'],
    [{ durationHours: 0 }, 'must be above 0'],
    [{ durationHours: 3_000 }, 'must be at most 2160'],
    [{ reason: ' ' }, 'must say why'],
    [{ name: 'New Model' }, 'must be kebab-case'],
  ])('an experiment with %j is refused', (change, says) => {
    expect(() => parse(ExperimentBody, { ...experiment, ...change })).toThrow(says);
  });

  it('is a rollback with a reason, and the version if there is no other way to know it', () => {
    expect(parse(RollbackBody, { reason: 'it fails' })).toEqual({ reason: 'it fails' });
    expect(() => parse(RollbackBody, { version: 1 })).toThrow('reason');
  });
});
