import { describe, expect, it } from 'vitest';
import { readDay, readModelName, readModelVersion } from '../../../../infra/commands/read-subject.ts';

describe('what a command is about', () => {
  it('is a model', () => {
    expect(readModelName(['flight-delay'])).toBe('flight-delay');
    expect(() => readModelName([])).toThrow('MODEL is required');
    expect(() => readModelName(['a', 'b'])).toThrow('one MODEL at a time, got a b');
    expect(() => readModelName(['Flight'])).toThrow('got Flight');
  });

  it('is a day of the calendar, where one is given', () => {
    expect(readDay(undefined)).toBeUndefined();
    expect(readDay('2000-02-29')).toBe('2000-02-29');
    for (const wrong of ['2001-02-30', 'gestern', '2001-2-3', '', '2001-02-03T00:00:00Z']) {
      expect(() => readDay(wrong)).toThrow(`--day must be a day as YYYY-MM-DD, got ${wrong}`);
    }
  });

  it('is a version of a model', () => {
    expect(readModelVersion(['births@12'])).toEqual({ model: 'births', version: 12 });
    for (const wrong of ['births', 'births@0', 'births@v1', '@1', 'births@1.5']) {
      expect(() => readModelVersion([wrong])).toThrow(`such as flight-delay@3, got ${wrong}`);
    }
  });
});
