/**
 * The ML Test Score of a model (Breck, Cai, Nielsen, Salib and Sculley: "The ML Test Score: A Rubric for ML Production
 * Readiness and Technical Debt Reduction", IEEE Big Data 2017): 28 tests in four sections. Pure data.
 */

export type ScoreSection = 'data' | 'model' | 'infrastructure' | 'monitoring';

/** 0: nothing on record; 0.5: done by hand and documented; 1: automated, and its results are recorded. */
export type ItemPoints = 0 | 0.5 | 1;

/** What the next point takes, cheapest first: this is the order in which next points are offered. */
export type Effort = 'command' | 'definition' | 'attest' | 'time' | 'work';

/** Something on record that counts for an item. */
export interface Evidence {
  /** What it shows, with its numbers. */
  readonly what: string;
  /** Where it is on record: an object's key, a record's id, a field of the definition. */
  readonly where: string;
  /** When it was recorded; absent of what has no time of its own. */
  readonly atMs?: number | undefined;
}

/** How the next half or whole point of an item is got. */
export interface NextPoint {
  readonly action: string;
  readonly effort: Effort;
  /** What the item has then. */
  readonly points: 0.5 | 1;
}

/** A person's word for an item, as far as a score tells it. */
export interface StandingWord {
  readonly by: string;
  readonly note: string;
  readonly atMs: number;
  readonly expiresAtMs: number;
}

/** One test's score, with what it rests on. */
export interface ScoredItem {
  /** Such as `data-1`. */
  readonly item: string;
  /** As the paper calls it. */
  readonly title: string;
  readonly points: ItemPoints;
  /** By the platform's own records, nobody's word counted. */
  readonly recordedPoints: ItemPoints;
  /** What counts for half a point, and for a whole one. */
  readonly halfPoint: string;
  readonly wholePoint: string;
  readonly evidence: readonly Evidence[];
  /** Who vouches for it; counts for half a point. */
  readonly attestation?: StandingWord | undefined;
  /** What is not on record; empty at a whole point. */
  readonly missing: readonly string[];
  /** Ways to more points, cheapest first. */
  readonly ways: readonly NextPoint[];
  /** The first of them that leads beyond what the item has. */
  readonly next?: NextPoint | undefined;
}

export interface ScoredSection {
  readonly section: ScoreSection;
  readonly title: string;
  /** Sum of its items' points, 0 to 7. */
  readonly points: number;
  readonly items: readonly ScoredItem[];
}

/** A day's score in the trend. */
export interface ScoreOfDay {
  /** UTC, YYYY-MM-DD. */
  readonly day: string;
  readonly score: number;
  readonly sections: Readonly<Record<ScoreSection, number>>;
}

/** A model's score on a day, as it is stored. */
export interface MlTestScore {
  readonly schemaVersion: 1;
  readonly model: string;
  /** Last whole day before the scoring, UTC: the day of the other reports of the same check. */
  readonly day: string;
  readonly scoredAtMs: number;
  /** The version that serves, which the items of a version are about; absent before the first. */
  readonly version?: number | undefined;
  /** The least of the four sections' points, 0 to 7. */
  readonly score: number;
  /** What the paper says of such a score. */
  readonly reading: string;
  readonly sections: readonly ScoredSection[];
  /** Items by what their next point takes, those of the weakest section first. */
  readonly nextPoints: readonly (NextPoint & { readonly item: string; readonly section: ScoreSection })[];
  /** Oldest first, this day last. */
  readonly trend: readonly ScoreOfDay[];
}
