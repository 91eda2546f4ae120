import { join } from 'node:path';
import { modelFolder } from '../helpers/model-server.ts';
import type { BenchRow } from './bench-row.ts';
import { measureLoad, requireWrk, startPlain, startPlatform } from './http-load.ts';
import { makeTrees } from './serving-model.ts';

/** 200 trees over 14 features by JSON: the platform's server beside the one that a user writes. */
export const treesRow = (rowCount: number, connections: number): BenchRow => ({
  name: `serving/http/trees-b${rowCount}-c${connections}`,
  unit: 'requests/s',
  betterIs: 'higher',
  baselineName: `a server of 30 lines on Node's http and onnxruntime-node; both share the machine's cores with wrk`,
  async prepare() {
    requireWrk();
    const trees = makeTrees();
    const folder = modelFolder({ trees });
    const inputs = trees.signature.inputs.map(({ name }, i) => ({
      name,
      shape: [rowCount, 1],
      datatype: 'FP32',
      data: Array.from({ length: rowCount }, (_, row) => ((i * 31 + row * 17) % 1_000) / 1_000),
    }));
    const body = JSON.stringify({ inputs });
    const ours = { path: '/v2/models/trees/infer', body, connections };
    const file = join(folder, 'trees', 'model.onnx');
    const sample = async (name: string, start: () => ReturnType<typeof startPlain>, path: string): Promise<number> => {
      const target = await start();
      try {
        return await measureLoad(name, target, { ...ours, path });
      } finally {
        target.stop();
      }
    };
    return {
      value: () => sample('platform', () => startPlatform(folder), ours.path),
      baseline: () => sample('plain server', () => startPlain(file), '/'),
    };
  },
});
