import type { BenchRow } from '../bench-row.ts';
import {
  buildInference,
  firstPrediction,
  inferenceEnvironment,
  timeToOutput,
  writeProgram,
} from '../inference-process.ts';
import { makeTrees, storeVersion } from '../serving-model.ts';
import { startServingStandIn } from '../serving-stand-in.ts';

export const row: BenchRow = {
  name: 'serving/cold/interpreter',
  unit: 'ms',
  betterIs: 'lower',
  baselineName:
    'a Node process that writes one word; the value is from the start of the process to its first prediction by 200 trees, capture included, services on loopback without TLS',
  prepare: async () => {
    const version = await storeVersion(makeTrees());
    const standIn = await startServingStandIn(version);
    standIn.unref();
    const environment = inferenceEnvironment(standIn.endpoint, version);
    const program = firstPrediction(await buildInference());
    const empty = writeProgram("process.stdout.write('started')");
    const value = () => timeToOutput(program, environment, 'predictionId');
    await value();
    return { value, baseline: () => timeToOutput(empty, environment, 'started') };
  },
};
