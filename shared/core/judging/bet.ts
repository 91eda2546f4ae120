/** Two points that stand for an outcome's distribution: `size` with probability `rate`, otherwise 0. */
export interface TwoPoints {
  readonly rate: number;
  readonly size: number;
}

/** 1: that the canary's mean is higher; −1: that it is lower. */
export type Direction = 1 | -1;

/** A unit's factor is 1 + direction · slope · (x − centre)(a − π), where a is 1 for a unit of the canary. */
export interface Bet {
  readonly slope: number;
  readonly centre: number;
}

/** The share of a capital that a single unit may take. */
const MOST_LOSS = 0.98;
const LEAST_RATE = 1e-9;
const MOST_RATE = 0.999;

/** How much likelier the canary is than a draw of it, for an outcome that it shows `ratio` times as often; minus 1. */
const advantage = (ratio: number, share: number): number => (ratio - 1) / (1 + share * (ratio - 1));

const within = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** The bet that multiplies the capital by 1 + high(a − π) at the upper point and by 1 + low(a − π) at 0. */
const betThrough = (
  { high, low, size }: { readonly high: number; readonly low: number; readonly size: number },
  direction: Direction,
  share: number,
): Bet => {
  const rise = direction * (high - low);
  if (!(rise > 0)) return { slope: 0, centre: 0 };
  const centre = within((-direction * low * size) / rise, 0, 1);
  // The two outcomes that can lose: far above the centre with the one version, at 0 with the other.
  const [above, below] = direction === 1 ? [share, 1 - share] : [1 - share, share];
  const most = MOST_LOSS / Math.max((1 - centre) * above, centre * below);
  return { slope: Math.min(rise / size, most), centre };
};

const betOnRate = ({ rate, size }: TwoPoints, canaryRate: number, direction: Direction, share: number): Bet => {
  const high = advantage(canaryRate / rate, share);
  const low = advantage((1 - canaryRate) / (1 - rate), share);
  return betThrough({ high, low, size }, direction, share);
};

/**
 * Two points of the same mean and mean square as the champion's outcomes so far: exact where outcomes are 0 or 1. A
 * first unit of `typicalRate` stands in while there are none.
 */
export const twoPointsOf = (
  [count, sum, squares]: readonly [number, number, number],
  typicalRate: number,
): TwoPoints => {
  const size = within((squares + 1) / (sum + 1), 1e-6, 1);
  const mean = (sum + 1) / (count + 1 / typicalRate);
  return { rate: within(mean / size, LEAST_RATE, MOST_RATE), size };
};

/**
 * The likelihood ratio of "which version did this unit meet" between a canary whose odds are `odds` times (up) or one
 * `odds`-th (down) of the champion's, and equal versions: Wald's sequential test (1945) of the versions, given outcomes.
 */
export const betOnOdds = (points: TwoPoints, odds: number, direction: Direction, share: number): Bet => {
  const tilt = direction === 1 ? odds : 1 / odds;
  return betOnRate(points, (tilt * points.rate) / (1 + (tilt - 1) * points.rate), direction, share);
};

/** As `betOnOdds`, for a canary whose mean differs by `harm`. */
export const betOnHarm = (points: TwoPoints, harm: number, direction: Direction, share: number): Bet => {
  const least = points.rate / 100;
  const most = points.rate + 0.99 * (1 - points.rate);
  const canaryRate = within(points.rate + (direction * harm) / points.size, least, most);
  return betOnRate(points, canaryRate, direction, share);
};

/**
 * The ratio ρ > 0 with (1 − π + πρ)(1 − ρ) = odds·ρ: where d/dρ of the expected log growth is 0 for equal versions when
 * the drift of a margin is paid back (README, "Not worse by the margin").
 */
const marginRatio = (odds: number, share: number): number => {
  const b = 1 - 2 * share + odds;
  return (2 * (1 - share)) / (b + Math.sqrt(b * b + 4 * share * (1 - share)));
};

/** The bet that grows fastest against "differs by `margin` or more" when the versions are equal. */
export const betOnMargin = ({ rate, size }: TwoPoints, margin: number, direction: Direction, share: number): Bet => {
  const change = (-direction * margin) / size;
  const high = advantage(marginRatio(change / rate, share), share);
  const low = advantage(marginRatio(-change / (1 - rate), share), share);
  return betThrough({ high, low, size }, direction, share);
};
