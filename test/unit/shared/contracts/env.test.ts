import { describe, expect, it } from 'vitest';
import { readEnv } from '../../../../shared/contracts/env.ts';

describe('reading the environment', () => {
  it('gives the variables by name', () => {
    expect(readEnv(['A', 'B'], { A: '1', B: '2', C: '3' })).toEqual({ A: '1', B: '2' });
  });

  it('names every variable that is missing or empty', () => {
    expect(() => readEnv(['A', 'B', 'C'], { A: '1', B: '' })).toThrow('environment variables are missing: B, C');
  });
});
