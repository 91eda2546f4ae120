import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { addStacks } from '../../infra/aws/add-stacks.ts';
import { type StageConfig, stageConfig } from '../../infra/aws/config.ts';
import { copyBundles } from '../../infra/aws/copied-bundles.ts';
import { buildLayer } from '../../infra/aws/layers.ts';
import { loadCompositions, loadModels, serialiseDefinitions } from '../../infra/aws/models.ts';
import type { CompositionDefinition } from '../../shared/contracts/composition-definition.ts';
import { serialiseCompositions } from '../../shared/contracts/compositions.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { builtFunctions } from './built-functions.ts';

export interface AssemblyRequest {
  readonly definitions: readonly ModelDefinition[];
  /** Changes the inference function's code. @default '' */
  readonly codeMark?: string | undefined;
  /** @default the stage `local` */
  readonly stage?: StageConfig | undefined;
  /** @default none */
  readonly compositions?: readonly CompositionDefinition[] | undefined;
  /** Functions with bugs in them, in a folder of their own. @default those that all test files of a run share */
  readonly bundles?: string | undefined;
}

/** Synthesises the app with these models into a new folder. */
export const assemble = async (request: AssemblyRequest): Promise<string> => {
  const { definitions, codeMark = '', stage = stageConfig('local'), compositions = [], bundles: given } = request;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
  const buildFolder = join(folder, 'build');
  const texts = {
    definitionsJson: serialiseDefinitions(definitions),
    compositionsJson: serialiseCompositions(compositions),
  };
  const bundles =
    given === undefined ? await builtFunctions(buildFolder, texts) : copyBundles(given, buildFolder, texts);
  if (codeMark !== '') appendFileSync(join(bundles.folderOf('infer'), 'index.js'), `// ${codeMark}\n`);
  const assemblyFolder = join(folder, 'cdk.out');
  const app = new App({ analyticsReporting: false, outdir: assemblyFolder });
  const layerFolder = join(folder, 'layers');
  const layers = {
    onnxruntime: buildLayer('onnxruntime', stage, layerFolder),
    duckdb: buildLayer('duckdb', stage, layerFolder),
  };
  addStacks(app, { stage, definitions, compositions, bundles, layers });
  app.synth();
  return assemblyFolder;
};

const assembled = new Map<string, Promise<string>>();

/**
 * Synthesises the app with the models in a folder, as `infra/aws/app.ts` does: once for all that ask in this process,
 * who must leave it as it is.
 */
export const assembleModels = (models: string, bundles?: string): Promise<string> => {
  const key = JSON.stringify([models, bundles]);
  const known = assembled.get(key);
  if (known) return known;
  const assembling = (async () => {
    const definitions = await loadModels(models);
    return assemble({ definitions, compositions: await loadCompositions(definitions, models), bundles });
  })();
  assembled.set(key, assembling);
  return assembling;
};
