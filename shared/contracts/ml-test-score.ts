import * as v from 'valibot';
import { closedObject } from './closed-object.ts';

/** A model's ML Test Score as it is stored each day, and what people may vouch for in it. */

export const mlTestScorePrefix = (model: string): string => `reports/${model}/ml-test-score/`;
/** In the data bucket. */
export const mlTestScoreKey = (model: string, day: string): string => `${mlTestScorePrefix(model)}${day}.json`;

const Day = v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a day as YYYY-MM-DD'));
const Section = v.picklist(['data', 'model', 'infrastructure', 'monitoring']);
const Effort = v.picklist(['command', 'definition', 'attest', 'time', 'work']);
const SectionPoints = v.pipe(v.number(), v.minValue(0), v.maxValue(7));

const NEXT = { action: v.string(), effort: Effort, points: v.picklist([0.5, 1]) } as const;

const Points = v.picklist([0, 0.5, 1]);

const Item = v.object({
  item: v.string(),
  title: v.string(),
  points: Points,
  recordedPoints: Points,
  halfPoint: v.string(),
  wholePoint: v.string(),
  evidence: v.array(v.object({ what: v.string(), where: v.string(), atMs: v.optional(v.number()) })),
  attestation: v.optional(v.object({ by: v.string(), note: v.string(), atMs: v.number(), expiresAtMs: v.number() })),
  missing: v.array(v.string()),
  ways: v.array(v.object(NEXT)),
  next: v.optional(v.object(NEXT)),
});

/** Contents of `reports/<model>/ml-test-score/<day>.json`: see `MlTestScore` in shared/core/ml-test-score. */
export const MlTestScoreSchema = v.object({
  schemaVersion: v.literal(1),
  model: v.string(),
  day: Day,
  scoredAtMs: v.number(),
  version: v.optional(v.number()),
  score: SectionPoints,
  reading: v.string(),
  sections: v.array(v.object({ section: Section, title: v.string(), points: SectionPoints, items: v.array(Item) })),
  nextPoints: v.array(v.object({ ...NEXT, item: v.string(), section: Section })),
  trend: v.array(
    v.object({
      day: Day,
      score: SectionPoints,
      sections: v.object({
        data: SectionPoints,
        model: SectionPoints,
        infrastructure: SectionPoints,
        monitoring: SectionPoints,
      }),
    }),
  ),
});

/** Input of score-model-tests. */
export const ScoreModelTestsInput = v.object({
  model: v.string(),
  /** ISO 8601; the score is of the last whole UTC day before it. */
  scheduledAt: v.pipe(v.string(), v.isoTimestamp()),
});

/** Query of `GET /models/{model}/ml-test-score`: a day's score as it was stored; absent, the newest. */
export const MlTestScoreQuery = closedObject({
  day: v.optional(Day),
  format: v.optional(v.picklist(['json', 'html']), 'json'),
});

/** Body of `POST /models/{model}/ml-test-score/{item}/attest`: what was done by hand, and where it is written down. */
export const AttestBody = closedObject({
  note: v.pipe(
    v.string(),
    v.trim(),
    v.minLength(10, 'must say what was done in 10 characters or more'),
    v.maxLength(1_000),
  ),
});

/** What whoever vouches for an item is answered. */
export const AttestedBody = v.looseObject({ item: v.string(), by: v.string(), expiresAtMs: v.number() });
