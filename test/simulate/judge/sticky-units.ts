import { drawBinomial, drawPoisson } from './draws.ts';
import type { Simulated } from './simulated.ts';
import { type Tally, tallyOf } from './tally.ts';
import { ABORTS, createUnitJudge, type UnitJudge } from './unit-judge.ts';
import { ERRORS } from './unit-streams.ts';

/** Units keep their version and differ: a few fail often, whichever version they meet. */
export const FRAIL_SHARE = 0.02;
export const FRAIL_RATE = 0.4;
export const STURDY_RATE = 0.002;
export const REQUESTS_PER_UNIT = 30;
const UNITS = 400;
/** For the judge of units alone: it is to hold for long. */
const MANY_UNITS = 10_000;
/** What a canary that is worse does to every unit's rate. */
export const WORSENING = 2;
/** Units that are active at once: their requests come mixed. */
const UNITS_PER_BLOCK = 50;
/** Look-back blocks in which a unit of the second kind appears. */
const LIFE = 10;

export interface StickyResult {
  /** Units of both versions that each canary is watched for. */
  readonly unitCount: number;
  /** Each unit lives within one look-back block. */
  readonly shortLived: readonly Tally[];
  /** Each unit comes back in ten look-back blocks running. */
  readonly longLived: readonly Tally[];
  /** Each unit once, watched for many units of both versions: with equal versions, and with every rate doubled. */
  readonly manyUnits: number;
  readonly equal: Tally;
  readonly worse: Tally;
}

const CANARY_SHARE = 0.5;

const openJudges = (names: readonly string[], canaryCount: number) =>
  names.map((name) => ({
    name,
    judge: createUnitJudge({ metric: ERRORS, canaryShare: CANARY_SHARE, alphaAbort: 0.05, alphaPromote: 0 }),
    stops: new Float64Array(canaryCount).fill(Number.POSITIVE_INFINITY),
  }));

type Watched = ReturnType<typeof openJudges>[number];

const look = (
  { judge, stops }: { judge: UnitJudge; stops: Float64Array },
  canary: number,
  at: number,
  met: 0 | 1,
  outcome: number,
): void => {
  if (stops[canary] === Number.POSITIVE_INFINITY && judge.see(met, outcome) === ABORTS) stops[canary] = at;
};

/** Failures and requests of each unit that is active in a block; its requests are seen one by one, mixed. */
interface Pool {
  readonly met: Uint8Array;
  readonly rate: Float64Array;
  readonly requests: Int32Array;
  readonly failures: Int32Array;
}

const openPool = (size: number): Pool => ({
  met: new Uint8Array(size),
  rate: new Float64Array(size),
  requests: new Int32Array(size),
  failures: new Int32Array(size),
});

const drawUnit = (pool: Pool, unit: number, next: () => number): void => {
  pool.met[unit] = next() < CANARY_SHARE * 2 ** 32 ? 1 : 0;
  pool.rate[unit] = next() < FRAIL_SHARE * 2 ** 32 ? FRAIL_RATE : STURDY_RATE;
};

/** Draws the block's requests in random order; `seen` is told each. */
const drawRequests = (
  pool: Pool,
  meanRequests: number,
  next: () => number,
  seen: (met: 0 | 1, failed: 0 | 1) => void,
) => {
  const size = pool.met.length;
  let left = 0;
  const due = new Int32Array(size);
  pool.failures.fill(0);
  for (let unit = 0; unit < size; unit += 1) {
    due[unit] = drawPoisson(next, meanRequests);
    pool.requests[unit] = due[unit]!;
    left += due[unit]!;
  }
  for (; left > 0; left -= 1) {
    let place = Math.floor((next() / 2 ** 32) * left);
    let unit = 0;
    while (place >= due[unit]!) {
      place -= due[unit]!;
      unit += 1;
    }
    due[unit]! -= 1;
    const failed = next() < pool.rate[unit]! * 2 ** 32 ? 1 : 0;
    pool.failures[unit]! += failed;
    seen(pool.met[unit] as 0 | 1, failed);
  }
};

const enterUnit = (watched: Watched, canary: number, at: number, pool: Pool, unit: number): void => {
  const requests = pool.requests[unit]!;
  if (requests > 0) look(watched, canary, at, pool.met[unit] as 0 | 1, pool.failures[unit]! / requests);
};

const simulateShortLived = ({ canaryCount, random, progress }: Simulated): readonly Tally[] => {
  const watched = openJudges(['each request counts', 'each unit counts once'], canaryCount);
  const [byRequest, byUnit] = watched as [Watched, Watched];
  const { next } = random.fork('short-lived units');
  const pool = openPool(UNITS_PER_BLOCK);
  for (let canary = 0; canary < canaryCount; canary += 1) {
    progress(canary);
    for (const { judge } of watched) judge.reset();
    for (let units = 0; units < UNITS; units += UNITS_PER_BLOCK) {
      for (let unit = 0; unit < UNITS_PER_BLOCK; unit += 1) drawUnit(pool, unit, next);
      const at = units + UNITS_PER_BLOCK;
      drawRequests(pool, REQUESTS_PER_UNIT, next, (met, failed) => look(byRequest, canary, at, met, failed));
      for (let unit = 0; unit < UNITS_PER_BLOCK; unit += 1) enterUnit(byUnit, canary, at, pool, unit);
    }
  }
  return watched.map(({ name, stops }) => tallyOf(name, stops, UNITS));
};

/** A tenth of the units leaves with every block, and others come. @returns how many came. */
const renewPool = (pool: Pool, born: Int32Array, block: number, next: () => number): number => {
  let came = 0;
  for (let unit = 0; unit < UNITS_PER_BLOCK; unit += 1) {
    if (block > 0 && (unit + block) % LIFE !== 0) continue;
    drawUnit(pool, unit, next);
    born[unit] = block;
    came += 1;
  }
  return came;
};

const simulateLongLived = ({ canaryCount, random, progress }: Simulated): readonly Tally[] => {
  const watched = openJudges(
    ['each request counts', 'each unit counts once in every block', 'each unit counts once'],
    canaryCount,
  );
  const [byRequest, byBlock, byUnit] = watched as [Watched, Watched, Watched];
  const { next } = random.fork('long-lived units');
  const pool = openPool(UNITS_PER_BLOCK);
  const born = new Int32Array(UNITS_PER_BLOCK);
  for (let canary = 0; canary < canaryCount; canary += 1) {
    progress(canary);
    for (const { judge } of watched) judge.reset();
    let units = 0;
    for (let block = 0; units < UNITS; block += 1) {
      units += renewPool(pool, born, block, next);
      const at = units;
      drawRequests(pool, REQUESTS_PER_UNIT / LIFE, next, (met, failed) => look(byRequest, canary, at, met, failed));
      born.forEach((since, unit) => {
        enterUnit(byBlock, canary, at, pool, unit);
        if (since === block) enterUnit(byUnit, canary, at, pool, unit);
      });
    }
  }
  return watched.map(({ name, stops }) => tallyOf(name, stops, UNITS));
};

const simulateUnits = ({ canaryCount, random, progress }: Simulated, worsening: number): Tally => {
  const [byUnit] = openJudges([`every rate times ${worsening}`], canaryCount) as [Watched];
  const { next } = random.fork(`many units, ${worsening}`);
  for (let canary = 0; canary < canaryCount; canary += 1) {
    progress(canary);
    byUnit.judge.reset();
    for (let at = 1; at <= MANY_UNITS && byUnit.stops[canary] === Number.POSITIVE_INFINITY; at += 1) {
      const met = next() < CANARY_SHARE * 2 ** 32 ? 1 : 0;
      const rate = next() < FRAIL_SHARE * 2 ** 32 ? FRAIL_RATE : STURDY_RATE;
      const requests = Math.max(1, drawPoisson(next, REQUESTS_PER_UNIT));
      const failures = drawBinomial(next, requests, met === 1 ? worsening * rate : rate);
      look(byUnit, canary, at, met, failures / requests);
    }
  }
  return tallyOf(byUnit.name, byUnit.stops, MANY_UNITS);
};

/** Sticky units with equal versions: 2 % of units fail 40 % of about 30 requests each, the others 0.2 %. */
export const simulateStickyUnits = (simulated: Simulated): StickyResult => ({
  unitCount: UNITS,
  shortLived: simulateShortLived(simulated),
  longLived: simulateLongLived(simulated),
  manyUnits: MANY_UNITS,
  equal: simulateUnits(simulated, 1),
  worse: simulateUnits(simulated, WORSENING),
});
