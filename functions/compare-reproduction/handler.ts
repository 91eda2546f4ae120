import { createHash } from 'node:crypto';
import {
  MANIFEST_FILE,
  ManifestSchema,
  METRICS_FILE,
  MODEL_FILE,
  runPrefix,
  SIGNATURE_FILE,
} from '../../shared/contracts/artifacts.ts';
import { parseJsonFile, toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  CompareReproductionInput,
  phaseModelPrefix,
  REPRODUCTION_FILE,
} from '../../shared/contracts/training-workflow.ts';
import { requirePackaged } from '../../shared/core/registry/index.ts';
import { judgeReproduction, type Reproduction } from '../../shared/core/reproduction/index.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

interface Deps {
  readonly artifacts: Pick<ArtifactStore, 'get' | 'put'>;
  readonly registry: Pick<ModelRegistry, 'getVersion'>;
}

/** What a trainer makes; what is measured of it afterwards depends on other things too. */
const FILES = [MODEL_FILE, SIGNATURE_FILE, METRICS_FILE] as const;

/** Compares what a run made again with the version's manifest, and writes the verdict beside it. */
export const createHandler =
  ({ artifacts, registry }: Deps) =>
  async (event: unknown): Promise<Reproduction> => {
    const { model, runId, version, differences } = parse(CompareReproductionInput, event);
    const { artifactPrefix } = requirePackaged(await registry.getVersion(model, version), 'reproduced');
    const manifest = await artifacts.get(`${artifactPrefix}${MANIFEST_FILE}`);
    const { files } = parseJsonFile(ManifestSchema, manifest, MANIFEST_FILE);
    const expected = Object.fromEntries(Object.entries(files).map(([file, { sha256 }]) => [file, sha256]));
    const run = runPrefix(model, runId);
    const found = await Promise.all(
      FILES.map(async (file) => {
        const bytes = await artifacts.get(`${run}${phaseModelPrefix('refit')}${file}`);
        return [file, createHash('sha256').update(bytes).digest('hex')] as const;
      }),
    );
    const reproduction = judgeReproduction(expected, Object.fromEntries(found), differences);
    await artifacts.put(`${run}${REPRODUCTION_FILE}`, toJsonFile(reproduction), 'application/json');
    return reproduction;
  };
