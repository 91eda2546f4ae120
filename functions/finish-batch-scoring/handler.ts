import { inScratchFolder } from '../../shared/adapters/duckdb/scratch-folder.ts';
import {
  FinishBatchScoringInput,
  ScoringJobSchema,
  ScoringPlanSchema,
  scoredPrefix,
  scoringJobKey,
  scoringManifestKey,
  scoringPlanKey,
} from '../../shared/contracts/batch-scoring.ts';
import { parseJsonFile, toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { EventPublisher } from '../../shared/ports/event-publisher.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import type { TableEngine } from '../../shared/ports/table-engine.ts';
import { checkOutputs } from './check-outputs.ts';
import { recordScoring } from './record-scoring.ts';

interface Deps {
  readonly artifacts: Pick<ArtifactStore, 'get'>;
  readonly data: Pick<ArtifactStore, 'list' | 'get' | 'put'>;
  readonly lineage: Pick<LineageStore, 'record'>;
  readonly events: EventPublisher;
  readonly clock: Clock;
  readonly openEngine: (spillFolder: string) => Promise<TableEngine>;
}

/**
 * Ends a job: counts every output, writes the manifest beside them, records the lineage and tells of it. Run again it
 * writes the same manifest and adds no edge; the event is told once more.
 */
export const createHandler =
  ({ artifacts, data, lineage, events, clock, openEngine }: Deps) =>
  async (event: unknown): Promise<{ readonly rowCount: number; readonly output: string; readonly digest: string }> => {
    const { model, jobId } = parse(FinishBatchScoringInput, event);
    const job = parseJsonFile(ScoringJobSchema, await artifacts.get(scoringJobKey(model, jobId)), 'job.json');
    const { parts } = parseJsonFile(ScoringPlanSchema, await artifacts.get(scoringPlanKey(model, jobId)), 'plan.json');
    const manifest = await inScratchFolder(async (folder) => {
      const engine = await openEngine(folder);
      try {
        return await checkOutputs({ data, engine, folder }, job, parts);
      } finally {
        await engine.close();
      }
    });
    await data.put(scoringManifestKey(job), toJsonFile(manifest), 'application/json');
    await recordScoring(lineage, job, clock.nowMs());
    const { version } = job;
    const { rowCount, digest } = manifest;
    const output = scoredPrefix(job);
    await events.publish('Batch Scoring Finished', { model, version, jobId, rowCount, output });
    return { rowCount, output, digest };
  };
