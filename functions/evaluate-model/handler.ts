import { runPrefix } from '../../shared/contracts/artifacts.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  EvaluateModelInput,
  FEATURE_REPORT_FILE,
  FeatureReportSchema,
  HOLDOUT_TABLE,
  phaseModelPrefix,
} from '../../shared/contracts/training-workflow.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { LineageStore } from '../../shared/ports/lineage-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';
import { findChampion } from './find-champion.ts';
import { type Judgement, judgeCandidate } from './judge-candidate.ts';
import type { Scoring } from './open-scoring.ts';
import { recordEvaluation } from './record-evaluation.ts';
import { writeEvaluation } from './write-evaluation.ts';

interface Deps extends Scoring {
  readonly definitions: Definitions;
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly registry: Pick<ModelRegistry, 'getModel' | 'getVersion'>;
  readonly lineage: Pick<LineageStore, 'record'>;
  readonly clock: Clock;
}

/**
 * Judges the candidate on the holdout, beside the champion of this moment. A refusal is a return value. Run again it
 * writes the evaluation anew; only a champion promoted in between could change it.
 */
export const createHandler =
  ({ definitions, artifacts, registry, lineage, clock, readTable, loadModel, score, ...explaining }: Deps) =>
  async (event: unknown): Promise<Pick<Judgement, 'passed' | 'outcome' | 'metrics'>> => {
    const { model, runId } = parse(EvaluateModelInput, event);
    const definition = definitionOf(definitions, model);
    const run = runPrefix(model, runId);
    const [report, holdout, candidate, champion] = await Promise.all([
      artifacts.get(`${run}${FEATURE_REPORT_FILE}`),
      artifacts.get(`${run}${HOLDOUT_TABLE}`),
      loadModel(`${run}${phaseModelPrefix('candidate')}`),
      findChampion({ registry, loadModel, model }),
    ]);
    const names = definition.features.map(({ name }) => name);
    const table = await readTable(holdout, names);
    const judgement = await judgeCandidate({
      definition,
      features: parseJsonFile(FeatureReportSchema, report, FEATURE_REPORT_FILE),
      table,
      candidate,
      champion,
      score,
    });
    await writeEvaluation({ artifacts, readTable, ...explaining }, { definition, runId, table, candidate, judgement });
    await recordEvaluation(lineage, { model, runId, champion: champion?.version.version, recordedAtMs: clock.nowMs() });
    return { passed: judgement.passed, outcome: judgement.outcome, metrics: judgement.metrics };
  };
