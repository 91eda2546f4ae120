import type { ModelFacts } from './facts.ts';
import { type Invariant, ofEachModel } from './invariant.ts';

/** What became of predictions. */

const TOLERANCE = 1e-6;

/** The bytes of the version that an answer names give that answer. */
const answersAreTheirVersions = ofEachModel(({ answered }) =>
  answered.flatMap(({ predictionId, version, output, expected }) => {
    if (expected === undefined) return [`prediction ${predictionId} names version ${version}, which cannot be loaded`];
    if (Math.abs(expected - output) <= TOLERANCE) return [];
    return [`prediction ${predictionId} is ${output}, version ${version} answers ${expected}`];
  }),
);

const uniqueIds = (captured: ModelFacts['captured']): ReadonlyMap<string, ModelFacts['captured'][number]> =>
  new Map(captured.map((line) => [line.predictionId, line]));

/** Answered is captured, or counted as not captured; captures of one id are the same prediction. */
const answersAreCaptured = ofEachModel(({ answered, captured, captureFailures, versions }) => {
  const lines = uniqueIds(captured);
  const breaches: string[] = [];
  const lost = answered.filter(({ predictionId }) => !lines.has(predictionId));
  if (lost.length > captureFailures) {
    breaches.push(
      `${lost.length} answered predictions are not captured (${lost[0]?.predictionId} …), ${captureFailures} are counted`,
    );
  }
  const digests = new Map(versions.map(({ version, modelDigest }) => [version, modelDigest]));
  for (const { predictionId, version, modelDigest } of captured) {
    if (digests.get(version) !== modelDigest) breaches.push(`capture ${predictionId} has not the digest of ${version}`);
  }
  return breaches;
});

/** A day's check counts each prediction of the day once; days do not overlap. */
const windowsCountOnce = ofEachModel(({ captured, windows }) => {
  const lines = [...uniqueIds(captured).values()];
  const breaches = windows.flatMap(({ day, fromMs, toMs, rowCount }) => {
    const expected = lines.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).length;
    return rowCount === expected
      ? []
      : [`the window of ${day} counts ${rowCount} predictions, captured are ${expected}`];
  });
  for (const { predictionId, atMs } of lines) {
    const count = windows.filter(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs).length;
    if (count > 1) breaches.push(`prediction ${predictionId} is in ${count} windows`);
  }
  return breaches;
});

export const PREDICTION_INVARIANTS: readonly Invariant[] = [
  { name: 'an answer comes from the version that it names', breaches: answersAreTheirVersions },
  { name: 'an answered prediction is captured, or counted as not captured', breaches: answersAreCaptured },
  { name: 'a captured prediction is in exactly one window', breaches: windowsCountOnce },
];
