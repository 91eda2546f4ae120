import { createAnyRuntime } from '../../shared/adapters/interpreter/any-runtime.ts';
import { createModelRuntime } from '../../shared/adapters/onnx/model-runtime.ts';
import { scoreTable } from '../../shared/adapters/onnx/score-table.ts';
import { interpretModel } from '../../shared/core/interpreter/index.ts';

const runtime = createAnyRuntime({ interpret: interpretModel, openOther: async () => createModelRuntime() });

/**
 * Scores as the model will serve. A prediction often is an edge of the profile's bins: by another engine's last bit it
 * would be counted in the neighbouring one, and the first window would look drifted.
 */
export const scoreAsServed = (
  model: Parameters<typeof scoreTable>[1],
  table: Parameters<typeof scoreTable>[2],
): ReturnType<typeof scoreTable> => scoreTable(runtime, model, table);
