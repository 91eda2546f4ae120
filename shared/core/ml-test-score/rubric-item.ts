import type { ModelRecords } from './model-records.ts';
import type { ItemRequirements, Requirement } from './requirement.ts';
import type { ScoreSection } from './score-types.ts';

/** One of the 28 tests: what counts for it, and how that is found in the records. */
export interface RubricItem {
  readonly item: string;
  readonly section: ScoreSection;
  /** As the paper calls it. */
  readonly title: string;
  readonly halfPoint: string;
  readonly wholePoint: string;
  readonly find: (records: ModelRecords) => ItemRequirements;
}

/** The dataset under which a version's results of an item's tests are recorded by whatever ran them, such as a CI job. */
export const testResultsDataset = (item: string): string => `ml-test:${item}`;

const RECORD = (item: string): string =>
  `run it for each version and record what came of it: POST /models/{model}/versions/{version}/evaluations ` +
  `{"dataset": "${testResultsDataset(item)}", "metrics": {"passed": …, "failed": 0}}`;

/** Results of tests that ran outside the platform, recorded for the version in service: all of them passed. */
export const recordedResults = ({ scores, version }: ModelRecords, item: string, what: string): Requirement => {
  const dataset = testResultsDataset(item);
  const asked = { action: RECORD(item), effort: 'work' } as const;
  const score = scores.find((one) => one.dataset === dataset && one.version === version?.version);
  if (score === undefined) return { ...asked, lacks: `no results of ${what} are on record for the version in service` };
  const { passed = 0, failed } = score.metrics;
  if (failed === 0 && passed >= 1) {
    const where = `registry: score of version ${score.version} on ${dataset}, by ${score.by}`;
    return { ...asked, lacks: '', found: { what: `${passed} passed, none failed (${what})`, where, atMs: score.atMs } };
  }
  const told = failed === undefined ? 'do not say how many failed' : `say that ${passed} passed and ${failed} failed`;
  return { ...asked, lacks: `the results of ${what} for version ${score.version} ${told}` };
};

/** Of an item that the platform itself has no records of. */
export const RESULTS_WHOLE = (item: string): string =>
  `results of automatic tests are recorded for the version in service as its score on ${testResultsDataset(item)}, with none failed`;
export const ATTESTED_HALF = 'a person vouches for it (180 days)';
