import { createAnyRuntime } from '../../../shared/adapters/interpreter/any-runtime.ts';
import { createModelRuntime } from '../../../shared/adapters/onnx/model-runtime.ts';
import { MODEL_FILE, SIGNATURE_FILE } from '../../../shared/contracts/artifacts.ts';
import { type ModelSignature, toBatch } from '../../../shared/core/inference/index.ts';
import { interpretModel } from '../../../shared/core/interpreter/index.ts';
import { type JudgePlan, type JudgeRow, judge, openJudge, updateJudge } from '../../../shared/core/judging/index.ts';
import { DAY_MS } from '../../../shared/kernel/time.ts';
import type { Flight, TrainedVersion } from './flights.ts';

/** The same labelled flights judged as a live experiment would: each asks one version only, drawn by a fair coin. */

/** The squared error of a probability: in [0, 1], as the judge needs it. The effect is declared, in its favour. */
const LOSS = { name: 'loss', kind: 'mean', harm: 'either', margin: 0.002, smallestHarm: 0.0016, weight: 1 } as const;

/** A block's bets are placed before it: the first ones, of a rate nobody knows, should not be large. */
const BLOCK_FLIGHTS = 100;

const PLAN: JudgePlan = {
  alphaAbort: 0.05,
  alphaPromote: 0.05,
  metrics: [LOSS],
  slices: [{ name: 'all', weight: 1 }],
  deadlineMs: Number.MAX_SAFE_INTEGER,
  atDeadline: 'hold',
  fewestUnits: 0,
};

const openVersion = async ({ files }: TrainedVersion) => {
  const runtime = createAnyRuntime({ interpret: interpretModel, openOther: async () => createModelRuntime() });
  const model = await runtime.load(files.get(MODEL_FILE) ?? new Uint8Array());
  const signature = JSON.parse(new TextDecoder().decode(files.get(SIGNATURE_FILE))) as ModelSignature;
  return async (flights: readonly Flight[]): Promise<Float32Array> => {
    const { columns, rowCount } = toBatch(
      signature,
      flights.map(({ inputs }) => inputs),
    );
    return model.predict(columns, rowCount);
  };
};

interface Scored {
  readonly label: number;
  readonly canary: number;
  readonly champion: number;
}

const outcomesOf = (flights: readonly Scored[], arm: 'canary' | 'champion') => {
  const losses = flights.map((flight) => (flight[arm] - flight.label) ** 2);
  return {
    unitCount: losses.length,
    sum: losses.reduce((sum, loss) => sum + loss, 0),
    sumOfSquares: losses.reduce((sum, loss) => sum + loss * loss, 0),
  };
};

/** Sums over flights of the log loss: the champion's, and the challenger's less the champion's. */
export interface LossSums {
  readonly count: number;
  readonly difference: number;
  readonly squaredDifference: number;
  readonly loss: number;
  readonly squaredLoss: number;
}

const NO_LOSS: LossSums = { count: 0, difference: 0, squaredDifference: 0, loss: 0, squaredLoss: 0 };

const logLossOf = (probability: number, label: number): number =>
  -Math.log(label === 1 ? probability : 1 - probability);

const addLosses = (sums: LossSums, flights: readonly Scored[]): LossSums => {
  let { count, difference, squaredDifference, loss, squaredLoss } = sums;
  for (const { label, canary, champion } of flights) {
    const theirs = logLossOf(champion, label);
    const change = logLossOf(canary, label) - theirs;
    count += 1;
    difference += change;
    squaredDifference += change * change;
    loss += theirs;
    squaredLoss += theirs * theirs;
  }
  return { count, difference, squaredDifference, loss, squaredLoss };
};

/** In blocks, which the judge's bets learn from; it is looked at after each day. */
export const openUnpaired = async (versions: readonly [TrainedVersion, TrainedVersion], random: () => number) => {
  const [askChampion, askCanary] = [await openVersion(versions[0]), await openVersion(versions[1])];
  let state = openJudge(PLAN);
  let sums = NO_LOSS;
  let index = 0;
  return {
    sums: (): LossSums => sums,
    judgeDay: async (dayMs: number, flights: readonly Flight[]): Promise<JudgeRow> => {
      const [champion, canary] = [await askChampion(flights), await askCanary(flights)];
      const scored = flights.map(({ label }, i): Scored => {
        return { label, canary: canary[i] ?? Number.NaN, champion: champion[i] ?? Number.NaN };
      });
      sums = addLosses(sums, scored);
      for (let from = 0; from < scored.length; from += BLOCK_FLIGHTS) {
        const halves = Map.groupBy(scored.slice(from, from + BLOCK_FLIGHTS), () =>
          random() < 0.5 ? 'canary' : 'champion',
        );
        const canaryOutcomes = outcomesOf(halves.get('canary') ?? [], 'canary');
        const championOutcomes = outcomesOf(halves.get('champion') ?? [], 'champion');
        const cell = { metric: LOSS.name, slice: 'all', canary: canaryOutcomes, champion: championOutcomes };
        const block = { index, startMs: dayMs, endMs: dayMs + DAY_MS, canaryShare: 0.5, cells: [cell] };
        state = updateJudge(PLAN, state, block);
        index += 1;
      }
      const [row] = judge(PLAN, state, dayMs + DAY_MS).rows;
      if (row === undefined) throw new TypeError('the judge has a row for its metric');
      return row;
    },
  };
};
