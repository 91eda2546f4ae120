import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { parse } from '../../../../shared/contracts/parse.ts';

const Schema = v.object({ model: v.string(), at: v.object({ day: v.number() }) });

describe('an input that does not fit', () => {
  it.each([
    ['without a key', { at: { day: 1 } }, 'model is missing'],
    ['without a key further in', { model: 'toy', at: {} }, 'at.day is missing'],
    ['with another kind of value', { model: 1, at: { day: 1 } }, 'model must be text, got 1'],
  ])('%s is told by field', (_, input, says) => {
    expect(() => parse(Schema, input)).toThrow(says);
  });
});
