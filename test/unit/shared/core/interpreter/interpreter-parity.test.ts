import { describe, expect, it } from 'vitest';
import { drawCase } from '../../../../helpers/drawn-models/draw-case.ts';
import { judge, type Verdict } from '../../../../helpers/drawn-models/judge.ts';

/** Cases of one run; `PARITY=10000 vitest run test/unit/shared/core/interpreter/interpreter-parity.test.ts` tries more. */
const CASES = Number(process.env.PARITY ?? 250);
const FIRST_SEED = Number(process.env.PARITY_SEED ?? 1);

const label = (verdict: Verdict): string => (typeof verdict === 'string' ? verdict : 'different');

describe('the interpreter beside onnxruntime on one thread', () => {
  it('answers random graphs the same, trees to the last bit', { timeout: 60_000 + CASES * 100 }, async () => {
    const counts = new Map<string, number>();
    const differences: string[] = [];

    for (let seed = FIRST_SEED; seed < FIRST_SEED + CASES; seed++) {
      const drawn = drawCase(seed);
      const verdict = await judge(drawn, seed % 2 === 0);
      counts.set(label(verdict), (counts.get(label(verdict)) ?? 0) + 1);
      if (typeof verdict === 'object') {
        differences.push(`seed ${seed}, ${drawn.model.nodes[0]?.operator}: ${verdict.difference}`);
      }
    }

    expect(differences).toEqual([]);
    // What is refused by both, or left to onnxruntime, proves nothing.
    expect(counts.get('same')).toBeGreaterThan(0.94 * CASES);
  });
});
