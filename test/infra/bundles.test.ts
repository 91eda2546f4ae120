import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bundles, buildFunctions, FUNCTIONS_WITH_DEFINITIONS } from '../../infra/aws/build.ts';
import { loadModels, serialiseDefinitions } from '../../infra/aws/models.ts';
import { defineComposition } from '../../shared/contracts/composition-definition.ts';
import { parseDefinitions } from '../../shared/contracts/definitions.ts';
import { definition, type Synthesis, synthesise } from './synthesise.ts';

const FUNCTIONS = readdirSync('functions');
/** A bundle is downloaded at every cold start; the largest holds five AWS clients. */
const MAX_BUNDLE_BYTES = 1_280_000;
/** Of the inference function, compressed as Lambda keeps it: its cold starts are waited for. */
const MAX_INFERENCE_BYTES = 100_000;
/** Of what it compiles before it can answer. */
const MAX_START_BYTES = 32_000;

/** No model of the repository is one of several that answer as one. */
const COMPOSITION = defineComposition({
  name: 'blend',
  owner: 'team@example.com',
  inputs: [{ name: 'x', type: 'number' }],
  nodes: [{ kind: 'model', name: 'first', model: 'births' }],
  output: 'first',
});

/** Nor has one experiments, which are watched where a plan divides requests. */
const DIVIDED = definition('divided', { deployment: { router: 'exact' } });

const outputFolder = mkdtempSync(join(tmpdir(), 'millrace-build-'));
let bundles: Bundles;
let definitionsJson: string;
let synthesis: Synthesis;

beforeAll(async () => {
  const definitions = await loadModels();
  definitionsJson = serialiseDefinitions(definitions);
  bundles = await buildFunctions({ outputFolder, definitionsJson });
  synthesis = synthesise({ definitions: [...definitions, DIVIDED], compositions: [COMPOSITION], bundles });
});

/** Variables that a function reads: literals in its calls of `readEnv`, or in the constant that a call names. */
const variablesRead = (source: string): readonly string[] =>
  [...source.matchAll(/\breadEnv\(([^)]*)\)/g)].flatMap(([, given = '']) => {
    const constant = new RegExp(`\\b${given} = (\\[[^\\]]*\\]) as const`);
    const list = given.startsWith('[') ? given : constant.exec(source)?.[1];
    if (list === undefined) throw new Error(`readEnv(${given}) names no list of literals`);
    return [...list.matchAll(/'(\w+)'/g)].map(([, name]) => name ?? '');
  });

/** All code of a function; the inference function's stands in several files. */
const codeOf = (folder: string): string =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.js'))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');

const sourceOf = (name: string): string =>
  readdirSync(join('functions', name))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join('functions', name, file), 'utf8'))
    .join('\n');

describe('bundles', () => {
  it('stay small and leave native code to the layers', () => {
    for (const name of FUNCTIONS) {
      const code = codeOf(bundles.folderOf(name));
      expect(Buffer.byteLength(code), name).toBeLessThan(MAX_BUNDLE_BYTES);
      expect(code, name).not.toContain('.node")');
    }
  });

  it('of the inference function hold neither the SDK nor a library of native code', () => {
    const code = codeOf(bundles.folderOf('infer'));

    expect(deflateRawSync(code).length).toBeLessThan(MAX_INFERENCE_BYTES);
    // Whichever of the SDK's clients came along would bring its middleware.
    expect(code).not.toContain('middlewareStack');
  });

  it('of the inference function leave what few requests need to files of their own', () => {
    const start = readFileSync(join(bundles.folderOf('infer'), 'index.js'), 'utf8');
    const whole = codeOf(bundles.folderOf('infer'));

    expect(start.length).toBeLessThan(MAX_START_BYTES);
    // Protocol of MLflow, descriptions, operators of other trainers, schemas, onnxruntime.
    for (const seldom of ['dataframe_split', 'openapi:"3', 'TopK:', 'valibot', 'onnxruntime_binding']) {
      if (seldom !== 'valibot') expect(whole, seldom).toContain(seldom);
      expect(start, seldom).not.toContain(seldom);
    }
  });

  it('require what they import when it is needed: an import() of a module of Node reads its every export', () => {
    for (const name of FUNCTIONS) {
      expect(codeOf(bundles.folderOf(name)), name).not.toMatch(/\bimport\(["'`]/);
    }
  });

  it('are the same bytes when built again', async () => {
    const again = await buildFunctions({
      outputFolder: mkdtempSync(join(tmpdir(), 'millrace-build-')),
      definitionsJson,
    });

    for (const name of FUNCTIONS) {
      expect(codeOf(again.folderOf(name)) === codeOf(bundles.folderOf(name)), name).toBe(true);
    }
  });

  it('are refused for a function that has no folder', () => {
    expect(() => bundles.folderOf('no-such')).toThrow('functions/no-such does not exist, but a stack deploys it');
  });

  it('have the definitions beside exactly those that read them', () => {
    const readers = FUNCTIONS.filter((name) => sourceOf(name).includes('definitionsPath('));
    const [first] = readers;

    expect([...FUNCTIONS_WITH_DEFINITIONS].toSorted()).toEqual(readers.toSorted());
    const text = readFileSync(join(bundles.folderOf(first ?? ''), 'definitions.json'), 'utf8');
    expect([...parseDefinitions(text).keys()]).toEqual(['births', 'flight-delay']);
  });
});

describe('deployed functions', () => {
  const deployed = () =>
    Object.values(synthesis.templates)
      .flatMap(({ Resources }) => Object.values(Resources))
      .filter(({ Type }) => Type === 'AWS::Lambda::Function')
      .map(({ Properties = {} }) => ({
        properties: Properties,
        folder: String(Properties.FunctionName)
          .replace('millrace-dev-', '')
          .replace(/^infer-.*/, 'infer')
          .replace(/^compose-.*/, 'infer-composition'),
      }));

  it('are all folders of functions/, each deployed', () => {
    expect([...new Set(deployed().map(({ folder }) => folder))].toSorted()).toEqual(FUNCTIONS.toSorted());
  });

  it('get the variables that they read, and no other', () => {
    for (const { folder, properties } of deployed()) {
      const read = variablesRead(sourceOf(folder));
      const given = Object.keys((properties.Environment as { Variables: object }).Variables);
      const ours = read.filter((name) => !/^(AWS|LAMBDA)_/.test(name));
      expect(given.toSorted(), folder).toEqual([...new Set(['STAGE', ...ours])].toSorted());
    }
  });

  it('have the layers of the native packages that their bundles ask for', () => {
    for (const { folder, properties } of deployed()) {
      const code = codeOf(bundles.folderOf(folder));
      const layers = JSON.stringify(properties.Layers ?? []);
      expect(layers.includes('OnnxRuntime'), folder).toBe(/require\(["`]onnxruntime-node/.test(code));
      expect(layers.includes('DuckDb'), folder).toBe(code.includes('require("@duckdb/node-api")'));
    }
  });
});
