import { describe, expect, it } from 'vitest';
import { alarmsOf } from '../../../../infra/commands/read-status.ts';

describe('alarms that ring', () => {
  it('belong to the model with the longest name that they begin with', () => {
    const models = ['toy', 'toy-two', 'other'];
    const ringing = ['toy-drift', 'toy-two-errors', 'other-capture', 'dead-letters'];

    expect(models.map((model) => alarmsOf(model, models, ringing))).toEqual([['drift'], ['errors'], ['capture']]);
  });
});
