import { expect, it } from 'vitest';
import { createActiveExperiments } from '../../../../../../shared/adapters/dynamodb/tracking/active-experiments.ts';
import { anExperiment } from '../../../../../helpers/tracked-runs.ts';

it('remembers experiments as long as they are seen active', () => {
  const active = createActiveExperiments();
  active.see(anExperiment('1'));
  active.see(anExperiment('2'));

  active.see(anExperiment('1', { lifecycleStage: 'deleted' }));

  expect(active.get('1')).toBeUndefined();
  expect(active.get('2')).toEqual(anExperiment('2'));
});

it('lets go of the one seen longest ago beyond its limit', () => {
  const active = createActiveExperiments(2);
  for (const id of ['1', '2', '1', '3']) active.see(anExperiment(id));

  expect(['1', '2', '3'].filter((id) => active.get(id) !== undefined)).toEqual(['1', '3']);
});
