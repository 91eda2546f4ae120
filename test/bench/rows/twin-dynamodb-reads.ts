import { getItem } from '../../../infra/local/dynamodb/operations/get-item.ts';
import { type BenchRow, secondsOf } from '../bench-row.ts';
import { benchEngine, benchFile, benchKey, enginePuts, openBareTable } from '../dynamodb-bench.ts';

const COUNT = 40_000;

export const row: BenchRow = {
  name: 'twin/dynamodb-reads',
  unit: 'reads/s',
  betterIs: 'higher',
  baselineName:
    'an upper bound: the same rows read from an SQLite file by a prepared statement and parsed, without one rule of DynamoDB',
  async prepare() {
    const engine = benchEngine(benchFile());
    const bare = openBareTable(benchFile());
    enginePuts(engine, COUNT);
    bare.puts(COUNT);
    const gets = (): number =>
      COUNT /
      secondsOf(() => {
        for (let n = 0; n < COUNT; n += 1)
          getItem(engine, { TableName: 'bench', Key: benchKey(n), ConsistentRead: true });
      });
    gets();
    bare.gets(COUNT);
    return { value: async () => gets(), baseline: async () => bare.gets(COUNT) };
  },
};
