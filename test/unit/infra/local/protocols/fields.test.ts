import { describe, expect, it } from 'vitest';
import { readFields } from '../../../../../infra/local/protocols/fields.ts';

describe('fields', () => {
  it('refuse by name whatever was not read, at any depth', () => {
    const read = (input: unknown) =>
      readFields(input, {}, (fields) => fields.list('Items', (one) => one.text('Name')) ?? []);

    expect(read({ Items: [{ Name: 'a' }], Other: null })).toEqual(['a']);
    expect(() => read({ Items: [], Other: 1 })).toThrow('Other is not supported here');
    expect(() => read({ Items: [{ Name: 'a' }, { Name: 'b', Colour: 'red' }] })).toThrow(
      'Items[1].Colour is not supported here',
    );
  });

  it('take numbers and flags as text, which templates and forms write', () => {
    const value = readFields({ Count: '60', On: 'true', Since: '2001-01-01T00:00:00Z' }, {}, (fields) => [
      fields.integer('Count', { min: 1, max: 60 }),
      fields.flag('On'),
      fields.instant('Since'),
    ]);

    expect(value).toEqual([60, true, Date.UTC(2001, 0, 1)]);
  });

  it('say what is wrong, with the value and what is allowed', () => {
    const read = (input: unknown) =>
      readFields(input, { place: 'Alarm' }, (fields) => [
        fields.integer('Period', { min: 60, max: 86_400 }),
        fields.choice('Mode', ['OFF', 'ON']),
      ]);

    expect(() => read({ Period: 30 })).toThrow('Alarm.Period must be an integer from 60 to 86400, got 30');
    expect(() => read({ Mode: 'MAYBE' })).toThrow('Alarm.Mode must be one of OFF, ON, got "MAYBE"');
    expect(() => read([])).toThrow('Alarm must be an object');
  });
});
