import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildInference, inferenceEnvironment, predictionEvent, writeProgram } from '../bench/inference-process.ts';
import { type BenchModel, makeNetwork, makeTrees, storeVersion } from '../bench/serving-model.ts';
import { type ServingStandIn, startServingStandIn } from '../bench/serving-stand-in.ts';

/** The inference function's own bundle in a process of its own, from nothing to its first prediction. */

interface FirstPrediction {
  readonly statusCode: number;
  readonly body: string;
  /** Of Node's own modules and of packages. */
  readonly loaded: readonly string[];
}

let bundle: string;
let standIn: ServingStandIn;

beforeAll(async () => {
  bundle = await buildInference();
});
afterAll(() => standIn.stop());

const start = async (model: BenchModel, pinned: Readonly<Record<string, string>> = {}): Promise<FirstPrediction> => {
  const version = await storeVersion(model);
  standIn?.stop();
  standIn = await startServingStandIn(version);
  const program = writeProgram(`
    const { handler } = require(${JSON.stringify(bundle)});
    handler(${JSON.stringify(predictionEvent('predict'))}).then(({ statusCode, body }) => {
      const loaded = [...process.moduleLoadList, ...Object.keys(require.cache)];
      console.log(JSON.stringify({ statusCode, body, loaded }));
    });
  `);
  const environment = { ...inferenceEnvironment(standIn.endpoint, version), ...pinned };
  const child = spawn(process.execPath, [program], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(await text(child.stdout)) as FirstPrediction;
};
const predictionIn = ({ body }: FirstPrediction): number =>
  (JSON.parse(body) as { readonly probability: number }).probability;
const loads = ({ loaded }: FirstPrediction, name: RegExp): readonly string[] => loaded.filter((one) => name.test(one));

describe('a cold start', () => {
  it('reads no arrow function, which takes V8 longer than another', () => {
    const folder = dirname(bundle);
    const withArrows = readdirSync(folder).filter((file) => readFileSync(join(folder, file), 'utf8').includes('=>'));

    expect(withArrows).toEqual([]);
  });

  it('of a model that is interpreted reads each file and item once, and loads neither onnxruntime nor fetch', async () => {
    const first = await start(makeTrees(500));

    expect(first.statusCode).toBe(200);
    expect(predictionIn(first)).toBeGreaterThan(0);
    expect(loads(first, /onnxruntime|undici|@aws-sdk/)).toEqual([]);
    expect(standIn.putCount(), 'captures').toBe(1);
    expect(standIn.asked().toSorted()).toEqual([
      'audit chain#bench record#000000000001',
      'audit versions#model#bench 0000000001',
      'evaluation.json',
      'manifest.json',
      'model.onnx',
      'reference-profile.json',
      'registry model#bench version#0000000001',
      'signature.json',
    ]);
  });

  it('of another model loads onnxruntime, and not the interpreter where that was pinned', async () => {
    const [unpinned, pinned] = [
      await start(makeNetwork(8)),
      await start(makeNetwork(8), { MODEL_ENGINE: 'onnxruntime' }),
    ];

    expect(unpinned.statusCode).toBe(200);
    expect(predictionIn(unpinned)).toBeGreaterThan(0);
    expect(loads(unpinned, /onnxruntime_binding\.node/)).toHaveLength(1);
    expect(predictionIn(pinned)).toBe(predictionIn(unpinned));
    expect(loads(pinned, /onnxruntime_binding\.node/)).toHaveLength(1);
    expect(loads(pinned, /\/interpreter\.js$/)).toEqual([]);
  });

  it('by a wrong pin is answered by the engine that takes the model', async () => {
    const trees = makeTrees(500);
    const [right, wrong, otherWrong] = [
      await start(trees, { MODEL_ENGINE: 'interpreter' }),
      await start(trees, { MODEL_ENGINE: 'onnxruntime' }),
      await start(makeNetwork(8), { MODEL_ENGINE: 'interpreter' }),
    ];

    expect(predictionIn(wrong)).toBe(predictionIn(right));
    expect(loads(wrong, /\/interpreter\.js$/)).toHaveLength(1);
    expect(otherWrong.statusCode).toBe(200);
    expect(loads(otherWrong, /onnxruntime_binding\.node/)).toHaveLength(1);
  });
});
