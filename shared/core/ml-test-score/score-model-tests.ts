import type { Attestation } from './attestation.ts';
import type { ModelRecords } from './model-records.ts';
import { RUBRIC } from './rubric.ts';
import { byEffort, scoreItem, vouchFor } from './score-item.ts';
import type { MlTestScore, ScoredSection, ScoreOfDay } from './score-types.ts';

/** Days that the trend keeps. */
export const TREND_DAYS = 90;

/** The paper's table III, in our words: what is said of a score above so much. */
const READINGS: readonly (readonly [above: number, reading: string])[] = [
  [5, 'exceptional levels of automated testing and monitoring'],
  [3, 'strong levels of automated testing and monitoring, fit for what much depends on'],
  [2, 'reasonably tested; more of the tests could be automated'],
  [1, 'a first pass at production has been made; more is to be invested'],
  [0, 'not untested, but serious holes in reliability are possible'],
];

export const readingOf = (score: number): string =>
  READINGS.find(([above]) => score > above)?.[1] ?? 'more of a research project than a production system';

const pointsOf = (sections: readonly ScoredSection[]): ScoreOfDay['sections'] => {
  const of = (wanted: ScoredSection['section']): number =>
    sections.find(({ section }) => section === wanted)?.points ?? 0;
  return { data: of('data'), model: of('model'), infrastructure: of('infrastructure'), monitoring: of('monitoring') };
};

const nextPointsOf = (sections: readonly ScoredSection[], score: number): MlTestScore['nextPoints'] => {
  const offered = sections.flatMap(({ section, points, items }) =>
    items.flatMap(({ item, next }) =>
      next === undefined ? [] : [{ ...next, item, section, raises: points === score }],
    ),
  );
  return offered
    .toSorted((a, b) => Number(b.raises) - Number(a.raises) || byEffort(a, b))
    .map(({ raises, ...next }) => next);
};

/** A section is the sum of its items, the score the least section. */
const sumUp = (
  scored: Pick<MlTestScore, 'model' | 'day' | 'scoredAtMs' | 'version'>,
  items: readonly ScoredSection[],
  earlier: readonly ScoreOfDay[],
): MlTestScore => {
  const sections = items.map((section) => ({
    ...section,
    points: section.items.reduce((sum, { points }) => sum + points, 0),
  }));
  const score = Math.min(...sections.map(({ points }) => points));
  const { day } = scored;
  const today = { day, score, sections: pointsOf(sections) };
  return {
    schemaVersion: 1,
    ...scored,
    score,
    reading: readingOf(score),
    sections,
    nextPoints: nextPointsOf(sections, score),
    trend: [...earlier.filter((one) => one.day < day), today].slice(-TREND_DAYS),
  };
};

/**
 * Scores a model's tests by its records. Next points come those of the weakest section first, as only they raise the
 * score, then by their effort.
 * @param day UTC day that the score is of.
 * @param earlier the trend of the newest score of a day before, oldest first.
 */
export const scoreModelTests = (
  records: ModelRecords,
  { day, earlier }: { readonly day: string; readonly earlier: readonly ScoreOfDay[] },
): MlTestScore => {
  const { model, nowMs, version } = records;
  const sections = RUBRIC.map(({ section, title, items }) => ({
    section,
    title,
    points: 0,
    items: items.map((item) => scoreItem(item, records)),
  }));
  const about = { model, day, scoredAtMs: nowMs, ...(version === undefined ? {} : { version: version.version }) };
  return sumUp(about, sections, earlier);
};

/** A score as it stands by the words of now: since it was made somebody may have vouched, and words expire. */
export const withWords = (score: MlTestScore, attestations: readonly Attestation[], nowMs: number): MlTestScore => {
  const { model, day, scoredAtMs, version, trend } = score;
  const sections = score.sections.map((section) => ({
    ...section,
    items: section.items.map((item) => vouchFor(item, attestations, nowMs)),
  }));
  return sumUp({ model, day, scoredAtMs, ...(version === undefined ? {} : { version }) }, sections, trend);
};
