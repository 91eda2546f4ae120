import { describe, expect, it } from 'vitest';
import { tellTest } from '../../../../../shared/core/test-suite/index.ts';

describe('the numbers of a test', () => {
  it('are told with the interval that decides, by three digits', () => {
    const drift = {
      measured: 0.043291,
      interval: [-0.0031, 0.0835123] as const,
      condition: { atLeast: -0.03924, atMost: 0.03924 },
    };

    expect(tellTest(drift)).toEqual({
      measured: '0.0433 (−0.0031 to 0.0835)',
      condition: 'at least −0.0392 and at most 0.0392',
    });
  });

  it('take more digits where a value would read like a bound that it does not have', () => {
    expect(tellTest({ measured: 0.20004, condition: { atMost: 0.2 } })).toEqual({
      measured: '0.20004',
      condition: 'at most 0.2',
    });
    expect(tellTest({ measured: 0.2, condition: { atMost: 0.2 } }).measured).toBe('0.2');
    // As sums of binary fractions come out.
    expect(tellTest({ measured: 0.1 + 0.2, condition: { above: 0.3 } })).toEqual({
      measured: '0.3',
      condition: 'above 0.3',
    });
  });

  it('are empty of what was not measured, and of what has no condition', () => {
    expect(tellTest({})).toEqual({ measured: '', condition: '' });
    expect(tellTest({ condition: { below: 30 } })).toEqual({ measured: '', condition: 'below 30' });
  });
});
