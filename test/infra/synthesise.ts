import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { addStacks } from '../../infra/aws/add-stacks.ts';
import type { Bundles } from '../../infra/aws/build.ts';
import { type StageConfig, stageConfig } from '../../infra/aws/config.ts';
import { buildLayer } from '../../infra/aws/layers.ts';
import type { CompositionDefinition } from '../../shared/contracts/composition-definition.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { defineModel } from '../../shared/contracts/model-definition.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
}

export type StackPart = 'data' | 'training' | 'serving' | 'monitoring' | 'api';
const PARTS: readonly StackPart[] = ['data', 'training', 'serving', 'monitoring', 'api'];

export interface Synthesis {
  readonly folder: string;
  readonly templates: Readonly<Record<StackPart, Template>>;
  readonly stacks: readonly { readonly name: string; readonly dependencies: readonly string[] }[];
}

/** A definition with nothing but what must be said. */
export const definition = (name: string, more: Partial<Parameters<typeof defineModel>[0]> = {}): ModelDefinition =>
  defineModel({
    name,
    owner: 'team@example.com',
    task: 'binary-classification',
    data: { dataset: name, source: { package: 'a-package', file: 'rows.parquet' }, featuresSql: 'SELECT 1' },
    features: [{ name: 'x', type: 'number' }],
    ...more,
  });

/** Bundles of one line for every function asked for: what is in them matters to no template but by its hash. */
export const fakeBundles = (code = 'exports.handler = async () => {};\n'): Bundles => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bundles-'));
  return {
    folderOf: (name) => {
      const target = join(folder, name);
      mkdirSync(target, { recursive: true });
      writeFileSync(join(target, 'index.js'), code);
      return target;
    },
  };
};

interface SynthesisOptions {
  readonly stage?: StageConfig;
  readonly definitions?: readonly ModelDefinition[];
  readonly compositions?: readonly CompositionDefinition[];
  readonly bundles?: Bundles;
}

const synthesised = new Map<string, Synthesis>();

/** Once for all files of a process that ask for the same, but for bundles of their own. */
export const synthesise = (options: SynthesisOptions): Synthesis => {
  if (options.bundles !== undefined) return synthesiseAnew(options);
  const asked = JSON.stringify(options);
  const known = synthesised.get(asked) ?? synthesiseAnew(options);
  synthesised.set(asked, known);
  return known;
};

const synthesiseAnew = (options: SynthesisOptions): Synthesis => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-assembly-'));
  const stage: StageConfig = { ...(options.stage ?? stageConfig('dev')), nativeLayers: 'marker' };
  const layerFolder = join(folder, 'layers');
  const app = new App({ analyticsReporting: false, outdir: join(folder, 'cdk.out') });
  addStacks(app, {
    stage,
    definitions: options.definitions ?? [definition('flight-delay'), definition('births')],
    ...(options.compositions === undefined ? {} : { compositions: options.compositions }),
    bundles: options.bundles ?? fakeBundles(),
    layers: {
      onnxruntime: buildLayer('onnxruntime', stage, layerFolder),
      duckdb: buildLayer('duckdb', stage, layerFolder),
    },
  });
  const assembly = app.synth();
  const templateOf = (part: StackPart) =>
    assembly.getStackByName(`Millrace-${stage.name}-${part}`).template as Template;
  return {
    folder: assembly.directory,
    templates: Object.fromEntries(PARTS.map((part) => [part, templateOf(part)])) as Synthesis['templates'],
    stacks: assembly.stacks.map((stack) => ({
      name: stack.stackName,
      dependencies: stack.dependencies.filter((d) => 'template' in d).map((d) => d.id),
    })),
  };
};
