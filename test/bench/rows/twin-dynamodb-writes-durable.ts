import type { BenchRow } from '../bench-row.ts';
import { benchEngine, benchFile, enginePuts, openBareTable } from '../dynamodb-bench.ts';

const COUNT = 20_000;

export const row: BenchRow = {
  name: 'twin/dynamodb-writes-durable',
  unit: 'writes/s',
  betterIs: 'higher',
  baselineName: 'an upper bound: the same rows put into an SQLite file, one commit each, without one rule of DynamoDB',
  async prepare() {
    const engine = benchEngine(benchFile());
    const bare = openBareTable(benchFile());
    enginePuts(engine, COUNT);
    bare.puts(COUNT);
    return { value: async () => enginePuts(engine, COUNT), baseline: async () => bare.puts(COUNT) };
  },
};
