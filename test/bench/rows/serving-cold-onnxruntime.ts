import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { engineOf } from '../../../functions/publish-version/engine-of.ts';
import { createMemoryArtifactStore } from '../../../shared/adapters/memory/artifact-store.ts';
import { pinnedModel } from '../../../shared/core/deployment/index.ts';
import type { BenchRow } from '../bench-row.ts';
import {
  buildInference,
  firstPrediction,
  inferenceEnvironment,
  timeToOutput,
  writeProgram,
} from '../inference-process.ts';
import { makeNetwork, storeVersion } from '../serving-model.ts';
import { startServingStandIn } from '../serving-stand-in.ts';

export const row: BenchRow = {
  name: 'serving/cold/onnxruntime',
  unit: 'ms',
  betterIs: 'lower',
  baselineName:
    'a Node process that loads onnxruntime-node and the model from disk and does nothing else; the value is from the start of the process to its first prediction, capture included, services on loopback without TLS',
  prepare: async () => {
    const network = makeNetwork();
    const version = await storeVersion(network);
    const standIn = await startServingStandIn(version);
    standIn.unref();
    // As publishing finds it.
    const model = pinnedModel(version.pins);
    const artifacts = createMemoryArtifactStore();
    for (const [key, bytes] of version.objects) await artifacts.put(key, bytes);
    const engine = model && (await engineOf(artifacts, model));
    const environment = {
      ...inferenceEnvironment(standIn.endpoint, version),
      ...(engine === undefined ? {} : { MODEL_ENGINE: engine }),
    };
    const program = firstPrediction(await buildInference());
    const alone = writeProgram(`
      const { InferenceSession } = require('onnxruntime-node');
      const bytes = require('node:fs').readFileSync(require('node:path').join(__dirname, 'model.onnx'));
      const options = { executionProviders: ['cpu'], intraOpNumThreads: 1, interOpNumThreads: 1 };
      InferenceSession.create(bytes, options).then(() => process.stdout.write('loaded'));
    `);
    writeFileSync(join(dirname(alone), 'model.onnx'), network.bytes);
    const value = () => timeToOutput(program, environment, 'predictionId');
    await value();
    return { value, baseline: () => timeToOutput(alone, environment, 'loaded') };
  },
};
