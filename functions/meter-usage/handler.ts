import { logLine } from '../../shared/kernel/log.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { type MeterDeps, meterModel } from './meter-model.ts';

interface Deps extends MeterDeps {
  readonly models: readonly string[];
  readonly clock: Clock;
}

/**
 * Counts the captured requests of every model by client and version. A model whose captures cannot be read does not
 * keep the others from being counted.
 * @throws the first failure, once all other models are counted.
 */
export const createHandler =
  ({ models, clock, ...deps }: Deps) =>
  async (): Promise<{ readonly dayCount: number }> => {
    const failures: unknown[] = [];
    let dayCount = 0;
    for (const model of models) {
      try {
        dayCount += (await meterModel(deps, model, clock.nowMs())).length;
      } catch (error) {
        logLine('error', 'usage was not counted', { model });
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return { dayCount };
  };
