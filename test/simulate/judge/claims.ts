import type { JudgeSimulation } from './simulate-judge.ts';
import { type Tally, upper99 } from './tally.ts';
import { CHAMPION_RATE, HARMED_RATE, type StreamResult } from './unit-streams.ts';

/** What the simulation is to show, and what it showed. */
export interface Claim {
  readonly name: string;
  readonly measured: number;
  /** One-sided 99 % bound of a share. */
  readonly upper99?: number;
  readonly betterIs: 'at most' | 'at least';
  readonly limit: number;
  readonly holds: boolean;
  readonly unit: 'share' | 'n80';
}

const ALPHA = 0.05;
/** A simulated share of at most 5 % may come out above it by chance: its 99 % bound is held against this. */
const ALPHA_BOUND = 0.056;

/** What equal canaries, or worse ones, must not exceed. With few canaries the bound is wider than it may be. */
const shareAtMost = (name: string, count: number, of: number): Claim => {
  const measured = count / of;
  const upper = upper99(count, of);
  return {
    name,
    measured,
    upper99: upper,
    betterIs: 'at most',
    limit: ALPHA,
    holds: measured <= ALPHA && (of < 10_000 || upper <= ALPHA_BOUND),
    unit: 'share',
  };
};

const shareAtLeast = (name: string, measured: number, limit: number): Claim => ({
  name,
  measured,
  betterIs: 'at least',
  limit,
  holds: measured >= limit,
  unit: 'share',
});

const unitsAtMost = (name: string, measured: number, limit: number): Claim => ({
  name,
  measured,
  betterIs: 'at most',
  limit,
  holds: measured <= limit,
  unit: 'n80',
});

const LIMITS = [
  { mean: 1.2, p80: 1.7 },
  { mean: 1.5, p80: 2.4 },
] as const;

const ratioOf = ({ championsPerCanary }: StreamResult): string => `1:${championsPerCanary}`;

const equalClaims = (stream: StreamResult): readonly Claim[] =>
  stream.aborts
    .slice(0, 2)
    .map(({ name, stoppedCount, canaryCount }) =>
      shareAtMost(
        `${ratioOf(stream)}, versions equal, looked at after every unit: aborted by ${name}`,
        stoppedCount,
        canaryCount,
      ),
    );

const worseClaims = (stream: StreamResult): readonly Claim[] => [
  ...stream.aborts
    .slice(0, 2)
    .flatMap(({ name, meanStop, stopP80 }, i) => [
      unitsAtMost(`${ratioOf(stream)}, 1 % → 2 %: mean stop of ${name}`, meanStop / stream.n80, LIMITS[i]!.mean),
      unitsAtMost(
        `${ratioOf(stream)}, 1 % → 2 %: 80 % caught by ${name}`,
        (stopP80 ?? Number.POSITIVE_INFINITY) / stream.n80,
        LIMITS[i]!.p80,
      ),
    ]),
  shareAtMost(
    `${ratioOf(stream)}, worse by the margin: cleared, even if aborted before`,
    stream.clears.stoppedCount,
    stream.clears.canaryCount,
  ),
];

const tallyAtMost = (name: string, { stoppedCount, canaryCount }: Tally): Claim =>
  shareAtMost(name, stoppedCount, canaryCount);

/** Every claim with what was measured, in the order of the report. */
export const claimsOf = ({ streams, sticky, storms, slices }: JudgeSimulation): readonly Claim[] => {
  const [requests, units] = sticky.shortLived;
  const returning = sticky.longLived.at(-1);
  return [
    ...streams.filter(({ canaryRate }) => canaryRate === CHAMPION_RATE).flatMap(equalClaims),
    ...streams.filter(({ canaryRate }) => canaryRate === HARMED_RATE).flatMap(worseClaims),
    ...(units === undefined ? [] : [tallyAtMost('sticky units, equal: aborted, each unit once', units)]),
    ...(returning === undefined
      ? []
      : [tallyAtMost('sticky units that come back, equal: aborted, each unit once', returning)]),
    tallyAtMost(`sticky units, equal, ${sticky.manyUnits} units: aborted, each unit once`, sticky.equal),
    ...(requests === undefined
      ? []
      : [shareAtLeast('sticky units, equal: aborted if each request counted', requests.stoppedShare, 0.41)]),
    shareAtLeast('sticky units, every rate doubled: found, each unit once', sticky.worse.stoppedShare, 0.8),
    tallyAtMost('20 slices × 4 metrics, equal: any abort', slices.equal),
    shareAtLeast('one worse slice of 5 % of the traffic: found', slices.worse.stoppedShare, 0.8),
    ...storms.aborts.slice(0, 1).map((tally) => tallyAtMost('storm days, equal: aborted', tally)),
  ];
};
