/**
 * Bugs to put into the functions, so that it can be seen that chaos finds such bugs: `npm run chaos -- --plant NAME`.
 * They change a source before it is bundled, at a place that must stand there: whoever rewrites it has to say anew
 * where the bug would be. The product has no switch for them.
 */
export interface Plant {
  /** Functions that are bundled with it. */
  readonly functions: readonly string[];
  /** Path from the repository's root. */
  readonly file: string;
  /** Text that stands there once. */
  readonly snippet: string;
  readonly replacement: string;
}

export const PLANTS = {
  /** A run that registers again, because its first answer got lost, gets a second version. */
  'drop-condition': {
    functions: ['register-model-version'],
    file: 'shared/adapters/dynamodb/model-versions.ts',
    snippet: '{ Put: { TableName: registryTable, Item: runVersionItem, ...isNew } }',
    replacement: '{ Put: { TableName: registryTable, Item: runVersionItem } }',
  },
  /** Predictions that Firehose did not take are neither sent again nor counted. */
  'swallow-retry': {
    functions: ['infer'],
    file: 'shared/adapters/firehose/capture-stream.ts',
    snippet: 'pending = await putBatch(put, streamName, pending);',
    replacement: 'pending = await putBatch(put, streamName, pending).catch(() => []);',
  },
  /** Traffic moves before the rollout's item says so. */
  'alias-first': {
    functions: ['shift-traffic'],
    file: 'functions/shift-traffic/handler.ts',
    snippet: '    await record(rollout, weight);',
    replacement: `    await shiftAlias(functions, { functionName, rollout, weight, readRunning, isRolledBack });
    await record(rollout, weight);`,
  },
  /** Who is asked for several rows at once, or captured twice, is billed for each line. */
  'count-lines': {
    functions: ['meter-usage'],
    file: 'shared/core/metering/fold-usage.ts',
    snippet: 'if (seen.has(key)) return;',
    replacement: '',
  },
  /** A roll-back is written down, and the alias waits for the reconciler. */
  'late-rollback': {
    functions: ['shift-traffic'],
    file: 'functions/shift-traffic/handler.ts',
    snippet: 'const stands = (byPlan',
    replacement: 'const stands = weight === 0 || (byPlan',
  },
} as const satisfies Readonly<Record<string, Plant>>;

export type PlantName = keyof typeof PLANTS;
