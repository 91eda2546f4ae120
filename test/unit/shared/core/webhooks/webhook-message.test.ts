import { expect, it } from 'vitest';
import { REGISTRY_EVENTS } from '../../../../../shared/contracts/events.ts';
import { exampleData, webhookBody } from '../../../../../shared/core/webhooks/index.ts';

it('writes the body that MLflow sends', () => {
  const body = webhookBody({ entity: 'model_version_tag', action: 'set' }, { name: 'm' }, 1_700_000_000_123);

  expect(JSON.parse(body)).toEqual({
    entity: 'model_version_tag',
    action: 'set',
    timestamp: '2023-11-14T22:13:20.123+00:00',
    data: { name: 'm' },
  });
});

it('has an example of every event, of a deletion without what is gone', () => {
  for (const [entity, actions] of Object.entries(REGISTRY_EVENTS)) {
    for (const action of actions) expect(exampleData({ entity, action })).toHaveProperty('name');
  }
  expect(exampleData({ entity: 'model_version_tag', action: 'deleted' })).toEqual({
    name: 'example_model',
    version: '1',
    key: 'example_key',
  });
  expect(exampleData({ entity: 'prompt_alias', action: 'deleted' })).toEqual({
    name: 'example_prompt',
    alias: 'example_alias',
  });
});
