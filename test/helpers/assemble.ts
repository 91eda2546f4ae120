import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { addStacks } from '../../infra/aws/add-stacks.ts';
import { type StageConfig, stageConfig } from '../../infra/aws/config.ts';
import { buildLayer } from '../../infra/aws/layers.ts';
import { serialiseDefinitions } from '../../infra/aws/models.ts';
import type { CompositionDefinition } from '../../shared/contracts/composition-definition.ts';
import { serialiseCompositions } from '../../shared/contracts/compositions.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { builtFunctions } from './built-functions.ts';

/** Synthesises the app with these models into a new folder. `codeMark` changes the inference function's code. */
export const assemble = async (
  definitions: readonly ModelDefinition[],
  codeMark = '',
  stage: StageConfig = stageConfig('local'),
  compositions: readonly CompositionDefinition[] = [],
): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
  const bundles = await builtFunctions(join(folder, 'build'), {
    definitionsJson: serialiseDefinitions(definitions),
    compositionsJson: serialiseCompositions(compositions),
  });
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
