import {
  ScorePartInput,
  ScoringJobSchema,
  scoredPartKey,
  scoringJobKey,
} from '../../shared/contracts/batch-scoring.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { logLine } from '../../shared/kernel/log.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { notingFailure } from './note-failure.ts';
import { openModel } from './open-model.ts';
import { type ScoringSources, scorePart } from './score-part.ts';

interface Deps extends ScoringSources {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly data: Pick<ArtifactStore, 'exists' | 'putIfAbsent'>;
  /** The most memory that the process ever held, in megabytes. */
  readonly peakMemoryMb: () => number;
}

/**
 * Scores parts of a job. Each part has one output object, put whole or not at all and never over another; a part whose
 * output stands is passed over, which is how a job that broke off goes on.
 */
export const createHandler =
  ({ artifacts, data, peakMemoryMb, ...sources }: Deps) =>
  async (
    event: unknown,
  ): Promise<{ readonly written: number; readonly skipped: number; readonly rowCount: number }> => {
    const { model, jobId, parts } = parse(ScorePartInput, event);
    const job = parseJsonFile(ScoringJobSchema, await artifacts.get(scoringJobKey(model, jobId)), 'job.json');
    const standing = await Promise.all(parts.map(({ part }) => data.exists(scoredPartKey(job, part))));
    const missing = parts.filter((_, i) => standing[i] === false);
    let written = 0;
    if (missing.length > 0) {
      const opened = await openModel(artifacts, sources.runtime, job);
      try {
        for (const part of missing) {
          const output = await notingFailure(artifacts, { model, jobId, part }, () =>
            scorePart(sources, { job, part, opened }),
          );
          const isFirst = await data.putIfAbsent(
            scoredPartKey(job, part.part),
            output,
            'application/vnd.apache.parquet',
          );
          written += isFirst ? 1 : 0;
        }
      } finally {
        await opened.loaded.release();
      }
    }
    const rowCount = missing.reduce((sum, part) => sum + part.rowCount, 0);
    const summary = { written, skipped: parts.length - written, rowCount };
    logLine('info', 'parts scored', { model, jobId, version: job.version, ...summary, peakMemoryMb: peakMemoryMb() });
    return summary;
  };
