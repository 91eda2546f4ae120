import { type Attestation, isStanding } from './attestation.ts';
import type { ModelRecords } from './model-records.ts';
import type { Requirement } from './requirement.ts';
import type { RubricItem } from './rubric-item.ts';
import type { Effort, Evidence, ItemPoints, NextPoint, ScoredItem } from './score-types.ts';

/** What a next point takes, cheapest first. */
const EFFORTS: readonly Effort[] = ['command', 'definition', 'attest', 'time', 'work'];

export const byEffort = (a: NextPoint, b: NextPoint): number => EFFORTS.indexOf(a.effort) - EFFORTS.indexOf(b.effort);

const isMissing = ({ found }: Requirement): boolean => found === undefined;

/** All of the missing requirements, which take what the hardest takes. */
const wayTo = (points: 0.5 | 1, missing: readonly Requirement[]): readonly NextPoint[] => {
  if (missing.length === 0) return [];
  const hardest = Math.max(...missing.map(({ effort }) => EFFORTS.indexOf(effort)));
  const action = [...new Set(missing.map((one) => one.action))].join('; ');
  return [{ action, effort: EFFORTS[hardest] ?? 'work', points }];
};

const pointsOf = (half: readonly Requirement[], whole: readonly Requirement[]): ItemPoints => {
  if (half.some(isMissing)) return 0;
  if (!whole.some(isMissing)) return 1;
  return half.length === 0 ? 0 : 0.5;
};

const waysFrom = (
  points: ItemPoints,
  item: string,
  { half, whole }: { readonly half: readonly Requirement[]; readonly whole: readonly Requirement[] },
): readonly NextPoint[] => {
  const missing = [...half, ...whole].filter(isMissing);
  const attested = {
    action: `do it by hand, then: millrace attest {model} ${item} --note …`,
    effort: 'attest',
  } as const;
  return [
    ...(points === 0 ? [...wayTo(0.5, half.filter(isMissing)), { ...attested, points: 0.5 } as const] : []),
    ...wayTo(1, missing),
  ].toSorted(byEffort);
};

/** The item as it stands with the word of whoever vouches for it, if anybody does now. */
export const vouchFor = (scored: ScoredItem, attestations: readonly Attestation[], nowMs: number): ScoredItem => {
  const { attestation: _earlier, next: _next, ...rest } = scored;
  const word = attestations.find((one) => one.item === scored.item && isStanding(one, nowMs));
  const points = word === undefined || scored.recordedPoints > 0 ? scored.recordedPoints : 0.5;
  const next = scored.ways.find((way) => way.points > points);
  return {
    ...rest,
    points,
    ...(word === undefined
      ? {}
      : { attestation: { by: word.by, note: word.note, atMs: word.atMs, expiresAtMs: word.expiresAtMs } }),
    ...(next === undefined ? {} : { next }),
  };
};

/** What speaks for half a point may speak for the whole one too. */
const distinct = (evidence: readonly Evidence[]): readonly Evidence[] => [
  ...new Map(evidence.map((one) => [`${one.where} ${one.what}`, one])).values(),
];

/** Scores one item by what is on record and who vouches for it. */
export const scoreItem = (
  { item, title, halfPoint, wholePoint, find }: RubricItem,
  records: ModelRecords,
): ScoredItem => {
  const requirements = find(records);
  const all = [...requirements.half, ...requirements.whole];
  const recordedPoints = pointsOf(requirements.half, requirements.whole);
  const { model, version, attestations, nowMs } = records;
  const named = (text: string): string =>
    text.replaceAll('{model}', model).replaceAll('{version}', String(version?.version ?? 1));
  const scored = {
    item,
    title,
    points: recordedPoints,
    recordedPoints,
    halfPoint,
    wholePoint,
    evidence: distinct(all.flatMap(({ found }) => found ?? [])),
    missing: [...new Set(all.filter(isMissing).map(({ lacks }) => lacks))],
    ways: waysFrom(recordedPoints, item, requirements).map((way) => ({ ...way, action: named(way.action) })),
  };
  return vouchFor(scored, attestations, nowMs);
};
