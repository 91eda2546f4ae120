import { createSeededRandom } from '../../../infra/local/simulation/seeded-random.ts';
import { type DeadlineResult, simulateDeadline } from './deadline.ts';
import { drawSequence, type Sequence } from './drawn-sequence.ts';
import { type SliceResult, simulateManySlices } from './many-slices.ts';
import { type StickyResult, simulateStickyUnits } from './sticky-units.ts';
import { type StormResult, simulateStormDays } from './storm-days.ts';
import { CHAMPION_RATE, HARMED_RATE, type StreamResult, simulateStream } from './unit-streams.ts';

export interface JudgeSimulation {
  readonly seed: string;
  readonly canaryCount: number;
  readonly wallSeconds: number;
  /** Equal and worse canaries, 1:1 and 19:1. */
  readonly streams: readonly StreamResult[];
  readonly sticky: StickyResult;
  readonly storms: StormResult;
  readonly slices: SliceResult;
  readonly deadline: DeadlineResult;
  readonly sequences: readonly Sequence[];
}

export interface SimulationOptions {
  readonly seed: string;
  readonly canaryCount: number;
  nowMs(): number;
  onProgress(line: string): void;
}

const TELL_EVERY_MS = 5_000;

/** Every scenario, with so many canaries each. */
export const simulateJudge = ({ seed, canaryCount, nowMs, onProgress }: SimulationOptions): JudgeSimulation => {
  const startMs = nowMs();
  const random = createSeededRandom(seed);
  let toldMs = startMs;
  const scenario = (name: string) => {
    onProgress(`${name}: ${canaryCount} canaries`);
    return {
      canaryCount,
      random,
      progress(canary: number): void {
        if (canary % 16 !== 0) return;
        const now = nowMs();
        if (now - toldMs < TELL_EVERY_MS) return;
        toldMs = now;
        onProgress(`${name}: canary ${canary} of ${canaryCount}, ${Math.round((now - startMs) / 1_000)} s`);
      },
    };
  };
  const streams = [1, 19].flatMap((championsPerCanary) =>
    [CHAMPION_RATE, HARMED_RATE].map((canaryRate) =>
      simulateStream(scenario(`1:${championsPerCanary}, canary fails ${100 * canaryRate} %`), {
        championsPerCanary,
        canaryRate,
      }),
    ),
  );
  const sticky = simulateStickyUnits(scenario('sticky units'));
  const storms = simulateStormDays(scenario('storm days'));
  const slices = simulateManySlices(scenario('20 slices × 4 metrics'));
  const deadline = simulateDeadline(scenario('deadline'));
  const sequences = drawSequence(random);
  const wallSeconds = Math.round((nowMs() - startMs) / 1_000);
  return { seed, canaryCount, wallSeconds, streams, sticky, storms, slices, deadline, sequences };
};
