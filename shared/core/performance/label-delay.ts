import { HOUR_MS } from '../../kernel/time.ts';
import type { LabelDelay } from './performance-report.ts';

/** One prediction: since when it waits, and when its first label was received, if it was. */
export interface AwaitedLabel {
  readonly atMs: number;
  readonly labelledAtMs?: number | undefined;
}

const MOST_POINTS = 200;

interface Counts {
  /** By whole hours of age: labels received, and predictions that are no older, without a label. */
  readonly labelled: Float64Array;
  readonly censored: Float64Array;
}

const countAges = (awaited: readonly AwaitedLabel[], asOfMs: number, horizonHours: number): Counts => {
  const counts = { labelled: new Float64Array(horizonHours), censored: new Float64Array(horizonHours + 1) };
  for (const { atMs, labelledAtMs } of awaited) {
    // A label may be known before we stamped the prediction: clocks differ.
    const age = Math.min(horizonHours, Math.max(0, Math.floor((asOfMs - atMs) / HOUR_MS)));
    const hours = labelledAtMs === undefined ? age : Math.max(0, Math.floor((labelledAtMs - atMs) / HOUR_MS));
    // A label of the hour that is still running is censored, as those are that have none in it yet.
    if (hours < age) counts.labelled[hours] = (counts.labelled[hours] as number) + 1;
    else counts.censored[age] = (counts.censored[age] as number) + 1;
  }
  return counts;
};

const thinned = (curve: LabelDelay['curve']): LabelDelay['curve'] => {
  const step = Math.ceil(curve.length / MOST_POINTS);
  return step <= 1 ? curve : curve.filter((_, i) => i % step === 0 || i === curve.length - 1);
};

const isWatched = (awaited: readonly AwaitedLabel[], asOfMs: number, horizonHours: number): boolean =>
  awaited.some(({ atMs }) => asOfMs - atMs >= horizonHours * HOUR_MS);

/**
 * Share of predictions whose label is in, by age: Kaplan & Meier 1958 in whole hours. A prediction that still waits says
 * only that its label took longer than its age: leaving it out would make labels look fast, counting it as unlabelled
 * would make them look rare. Until some prediction is as old as the horizon, nobody knows how many labels ever come: all
 * are taken to.
 */
export const labelDelay = (
  awaited: readonly AwaitedLabel[],
  { asOfMs, horizonHours, matureShare }: { asOfMs: number; horizonHours: number; matureShare: number },
): LabelDelay => {
  const { labelled, censored } = countAges(awaited, asOfMs, horizonHours);
  const predictionCount = awaited.length;
  const isIn = ({ labelledAtMs }: AwaitedLabel): boolean => labelledAtMs !== undefined && labelledAtMs <= asOfMs;
  const curve: { ageHours: number; share: number }[] = [];
  let [atRisk, waiting, share] = [predictionCount, 1, 0];
  for (let hour = 0; hour < horizonHours; hour += 1) {
    const [came, gone] = [labelled[hour] as number, censored[hour] as number];
    // Who is no older than this hour was not watched through it.
    atRisk -= gone;
    if (came > 0) {
      waiting *= 1 - came / atRisk;
      share = 1 - waiting;
      curve.push({ ageHours: hour + 1, share });
    }
    atRisk -= came;
  }
  const everShare = isWatched(awaited, asOfMs, horizonHours) ? share : 1;
  const mature = curve.find((point) => everShare > 0 && point.share >= matureShare * everShare);
  return {
    predictionCount,
    labelledCount: awaited.filter(isIn).length,
    curve: thinned(curve),
    everShare,
    ...(mature === undefined ? {} : { matureAfterHours: mature.ageHours }),
    matureShare,
  };
};
