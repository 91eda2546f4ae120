import { DAY_MS, HOUR_MS, isoTime, MINUTE_MS } from '../../kernel/time.ts';

/** From value to place, and what stands at the axes. */

export type Range = readonly [low: number, high: number];

export interface Tick {
  readonly at: number;
  readonly text: string;
}

/** Three digits, and never `1e+3` for what is short enough without. */
export const shortNumber = (value: number, digits = 3): string =>
  String(Number(value.toPrecision(digits))).replace('-', '−');

/** Around all finite values, with a little room. */
export const rangeOf = (values: readonly number[]): Range => {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return [0, 1];
  const room = high > low ? (high - low) * 0.05 : Math.max(Math.abs(high) * 0.05, 0.05);
  return [low - room, high + room];
};

const MOST_STEPS = 5;

/** Round values inside the range, three to six of them. */
export const numberTicks = ([low, high]: Range): readonly Tick[] => {
  const rough = (high - low) / MOST_STEPS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power;
  const ticks: Tick[] = [];
  for (let index = Math.ceil(low / step); index * step <= high && ticks.length < 2 * MOST_STEPS; index += 1) {
    const at = index * step;
    // A step of 2 · 10⁻³ is not exact in binary: the text is.
    ticks.push({ at, text: shortNumber(Number(at.toPrecision(12))) });
  }
  return ticks;
};

const TIME_STEPS_MS = [
  ...[1, 5, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_MS),
  ...[1, 2, 3, 7, 14, 30, 60, 90, 180, 365].map((days) => days * DAY_MS),
];
const MOST_TIME_STEPS = 4;

/** Full minutes, hours or days (UTC) inside the range, at most five. */
export const timeTicks = ([fromMs, toMs]: Range): readonly Tick[] => {
  const rough = (toMs - fromMs) / MOST_TIME_STEPS;
  const step = TIME_STEPS_MS.find((stepMs) => stepMs >= rough) ?? Math.ceil(rough / DAY_MS) * DAY_MS;
  const textOf = (at: number): string => {
    const iso = isoTime(at);
    if (step >= 60 * DAY_MS) return iso.slice(0, 7);
    return step >= DAY_MS ? iso.slice(5, 10) : iso.slice(11, 16);
  };
  const ticks: Tick[] = [];
  for (let at = Math.ceil(fromMs / step) * step; at <= toMs && ticks.length <= MOST_TIME_STEPS; at += step) {
    ticks.push({ at, text: textOf(at) });
  }
  return ticks;
};

/** What a time axis is called: hours alone would not say of which day. */
export const timeAxisName = ([fromMs, toMs]: Range): string => {
  const day = isoTime(fromMs).slice(0, 10);
  return toMs - fromMs > MOST_TIME_STEPS * 12 * HOUR_MS ? `UTC, from ${day}` : `hour, UTC, from ${day}`;
};
