import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { serialiseCompositions } from '../../shared/contracts/compositions.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import { addStacks } from './add-stacks.ts';
import { buildFunctions } from './build.ts';
import { type StageOverrides, stageConfig } from './config.ts';
import { copyBundles } from './copied-bundles.ts';
import { buildLayer } from './layers.ts';
import { loadCompositions, loadModels, serialiseDefinitions } from './models.ts';

/**
 * What `cdk` runs: `npx cdk synth|deploy [-c stage=dev] [-c email=…] [-c account=… -c region=…] [-c models=FOLDER]`. With
 * `-c bundles=FOLDER` it takes the bundles that an earlier run made of the same sources.
 */
const WORK_FOLDER = join(import.meta.dirname, '../../.millrace');

const app = new App({ analyticsReporting: false });
const context = (key: string): string | undefined => app.node.tryGetContext(key) as string | undefined;
const overrides = Object.fromEntries(
  ['email', 'account', 'region'].flatMap((key) => (context(key) === undefined ? [] : [[key, context(key)]])),
) as StageOverrides;
const stage = stageConfig(context('stage') ?? 'dev', overrides);
const explained = (error: unknown): never => {
  if (!(error instanceof InvalidRequestError)) throw error;
  // The person who wrote the definition needs the field that is wrong, not where we found it.
  console.error(error.message);
  return process.exit(1);
};
const definitions = await loadModels(context('models')).catch(explained);
const compositions = await loadCompositions(definitions, context('models')).catch(explained);
// Other models are synthesised beside the repository's own: what one puts there the other must not find.
const workFolder = context('models') === undefined ? WORK_FOLDER : `${app.outdir}-work`;
const buildFolder = join(workFolder, 'build');
const texts = {
  definitionsJson: serialiseDefinitions(definitions),
  compositionsJson: serialiseCompositions(compositions),
};
const built = context('bundles');
const bundles =
  built === undefined
    ? await buildFunctions({ outputFolder: buildFolder, ...texts })
    : copyBundles(built, buildFolder, texts);
const layerFolder = join(workFolder, 'layers');
const layers = {
  onnxruntime: buildLayer('onnxruntime', stage, layerFolder),
  duckdb: buildLayer('duckdb', stage, layerFolder),
};
addStacks(app, { stage, definitions, compositions, bundles, layers });
app.synth();
