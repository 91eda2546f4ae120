import type { BenchRow } from '../bench-row.ts';
import { benchEngine, enginePuts, openBareTable } from '../dynamodb-bench.ts';

const COUNT = 40_000;

export const row: BenchRow = {
  name: 'twin/dynamodb-writes',
  unit: 'writes/s',
  betterIs: 'higher',
  baselineName:
    'an upper bound: the same rows put into SQLite in memory by a prepared statement, without one rule of DynamoDB',
  async prepare() {
    const engine = benchEngine(':memory:');
    const bare = openBareTable(':memory:');
    enginePuts(engine, COUNT);
    bare.puts(COUNT);
    return { value: async () => enginePuts(engine, COUNT), baseline: async () => bare.puts(COUNT) };
  },
};
