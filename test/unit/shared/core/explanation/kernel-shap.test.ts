import { describe, expect, it } from 'vitest';
import {
  enumerateShapley,
  type Game,
  kernelShap,
  type Random,
  seededRandom,
} from '../../../../../shared/core/explanation/index.ts';
import { fc } from '../../../../helpers/properties.ts';

const PLAYERS = 10;
const BACKGROUND = 2;

/** Interactions of several features at once, steps and saturation: what pairs of coalitions do not cancel. */
const model = (x: Float64Array): number => {
  const at = (i: number): number => x[i] as number;
  const wave = Math.sin(at(0) + at(1) * at(2)) + (at(3) > 0 && at(4) > 0.2 && at(5) < 1 ? 1.5 : 0);
  return wave + 2 * Math.tanh(at(6) * at(7) - at(8)) + Math.max(at(9), at(0) * at(4)) * 0.7;
};

const drawRow = (random: Random): Float64Array => Float64Array.from({ length: PLAYERS }, () => 4 * random() - 2);

const gameOf = (row: Float64Array, background: readonly Float64Array[]): Game => {
  const mixed = new Float64Array(PLAYERS);
  const worthOf = (coalition: Uint8Array): number => {
    let sum = 0;
    for (const other of background) {
      for (let i = 0; i < PLAYERS; i++) mixed[i] = (coalition[i] === 1 ? row : other)[i] as number;
      sum += model(mixed);
    }
    return sum / background.length;
  };
  return { playerCount: PLAYERS, worth: async (coalitions) => coalitions.map(worthOf) };
};

describe('sampled contributions', () => {
  it('have 95 % bars that cover the enumerated truth in 93 to 97 % of 2,200 pairs of row and feature', async () => {
    const random = seededRandom(7);
    const background = Array.from({ length: BACKGROUND }, () => drawRow(random));
    let covered = 0;
    let pairCount = 0;
    let widths = 0;
    for (let row = 0; row < 220; row++) {
      const game = gameOf(drawRow(random), background);
      const truth = await enumerateShapley(game);
      const sampled = await kernelShap(game, { pairs: 100, random });
      for (let i = 0; i < PLAYERS; i++) {
        const error = sampled.errors[i] as number;
        if (Math.abs((sampled.values[i] as number) - (truth.values[i] as number)) <= error) covered += 1;
        widths += error;
        pairCount += 1;
      }
    }

    expect(pairCount).toBe(2_200);
    expect(widths / pairCount).toBeLessThan(0.5);
    expect(covered / pairCount).toBeGreaterThan(0.93);
    expect(covered / pairCount).toBeLessThan(0.97);
  });

  it('add up to the whole prediction, whatever was drawn', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2 ** 31), async (seed) => {
        const random = seededRandom(seed);
        const game = gameOf(drawRow(random), [drawRow(random)]);
        const { expected, values } = await kernelShap(game, { pairs: 60, random });
        const [empty, whole] = (await game.worth([
          new Uint8Array(PLAYERS),
          new Uint8Array(PLAYERS).fill(1),
        ])) as number[];

        expect(expected).toBe(empty);
        expect(values.reduce((sum, value) => sum + value, expected)).toBeCloseTo(whole as number, 9);
      }),
      { numRuns: 20 },
    );
  });

  it('are exact, with bars of nothing, where no more coalitions exist than are sampled', async () => {
    const game: Game = {
      playerCount: 3,
      // Majority of weights 3, 2, 2: each player decides in a third of the orders.
      worth: async (coalitions) => coalitions.map(([a = 0, b = 0, c = 0]) => (3 * a + 2 * b + 2 * c >= 4 ? 1 : 0)),
    };

    const { values, errors } = await kernelShap(game, { pairs: 20, random: seededRandom(1) });

    for (const value of values) expect(value).toBeCloseTo(1 / 3, 12);
    expect([...errors]).toEqual([0, 0, 0]);
  });

  it('are the same for the same seed', async () => {
    const row = drawRow(seededRandom(3));
    const game = gameOf(row, [drawRow(seededRandom(4))]);

    const [first, second] = await Promise.all(
      [1, 1].map((seed) => kernelShap(game, { pairs: 60, random: seededRandom(seed) })),
    );

    expect(second).toEqual(first);
  });
});
