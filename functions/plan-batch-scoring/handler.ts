import { inScratchFolder } from '../../shared/adapters/duckdb/scratch-folder.ts';
import { SIGNATURE_FILE, SignatureSchema } from '../../shared/contracts/artifacts.ts';
import {
  PlanBatchScoringInput,
  ScoringJobSchema,
  ScoringPlanSchema,
  scoringItemsKey,
  scoringJobKey,
  scoringPlanKey,
} from '../../shared/contracts/batch-scoring.ts';
import { parseJsonFile, toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { planParts } from '../../shared/core/batch-scoring/index.ts';
import { logLine } from '../../shared/kernel/log.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { type LayoutSources, readLayouts } from './read-layouts.ts';

interface Deps extends LayoutSources {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put' | 'putIfAbsent' | 'exists'>;
}

/**
 * Divides a job's input into parts, once it is known that the model can read every object of it. A job is planned once:
 * run again, the plan that stands is told.
 */
export const createHandler =
  ({ artifacts, ...sources }: Deps) =>
  async (event: unknown): Promise<{ readonly itemsKey: string; readonly partCount: number }> => {
    const { model, jobId } = parse(PlanBatchScoringInput, event);
    const [itemsKey, planKey] = [scoringItemsKey(model, jobId), scoringPlanKey(model, jobId)];
    if (await artifacts.exists(planKey)) {
      const { parts } = parseJsonFile(ScoringPlanSchema, await artifacts.get(planKey), planKey);
      return { itemsKey, partCount: parts.length };
    }
    const job = parseJsonFile(ScoringJobSchema, await artifacts.get(scoringJobKey(model, jobId)), 'job.json');
    const signatureKey = `${job.artifactPrefix}${SIGNATURE_FILE}`;
    const signature = parseJsonFile(SignatureSchema, await artifacts.get(signatureKey), signatureKey);
    const layouts = await inScratchFolder((folder) => readLayouts(sources, { job, signature, folder }));
    const parts = planParts(layouts);
    const lines = parts.map((part) => `${JSON.stringify(part)}\n`).join('');
    // The items first: whoever finds the plan finds them too. Planned twice at once, both say the same.
    await artifacts.put(itemsKey, new TextEncoder().encode(lines), 'application/x-ndjson');
    await artifacts.putIfAbsent(planKey, toJsonFile({ schemaVersion: 1, parts }), 'application/json');
    logLine('info', 'batch scoring planned', { model, jobId, objects: job.objects.length, parts: parts.length });
    return { itemsKey, partCount: parts.length };
  };
