import { toJsonFile } from '../../shared/contracts/json-file.ts';
import {
  MlTestScoreSchema,
  mlTestScoreKey,
  mlTestScorePrefix,
  ScoreModelTestsInput,
} from '../../shared/contracts/ml-test-score.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type ScoreOfDay, scoreModelTests } from '../../shared/core/ml-test-score/index.ts';
import { DAY_MS, utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { gatherRecords, type RecordSources } from './gather-records.ts';
import { type Bucket, readRecord } from './read-record.ts';

interface Deps extends RecordSources {
  readonly scores: Pick<ArtifactStore, 'put'>;
}

interface Output {
  readonly day: string;
  readonly score: number;
  readonly key: string;
}

/** The trend up to the newest score of a day before. */
const readTrend = async (data: Bucket, model: string, day: string): Promise<readonly ScoreOfDay[]> => {
  const keys = (await data.store.list(mlTestScorePrefix(model))).map(({ key }) => key);
  const key = keys.filter((one) => one < mlTestScoreKey(model, day)).at(-1);
  if (key === undefined) return [];
  return (await readRecord(data, { key, schema: MlTestScoreSchema, atMs: 0 }))?.content.trend ?? [];
};

/**
 * Scores a model's tests from what is on record, and keeps the score of the day. Run again it scores anew: what came on
 * record since counts too.
 */
export const createHandler =
  (deps: Deps) =>
  async (event: unknown): Promise<Output> => {
    const { model, scheduledAt } = parse(ScoreModelTestsInput, event);
    const nowMs = Date.parse(scheduledAt);
    const day = utcDay(Math.floor(nowMs / DAY_MS) * DAY_MS - DAY_MS);
    const records = await gatherRecords(deps, { model, day, nowMs });
    const score = scoreModelTests(records, { day, earlier: await readTrend(deps.data, model, day) });
    const key = mlTestScoreKey(model, day);
    await deps.scores.put(key, toJsonFile(score), 'application/json');
    return { day, score: score.score, key };
  };
