import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseCsv } from '../../../../../infra/local/states/map/csv.ts';
import { groupItems } from '../../../../../infra/local/states/map/item-batcher.ts';
import { exceedsTolerance } from '../../../../../infra/local/states/map/run-children.ts';
import { openDuckDb } from '../../../../../shared/adapters/duckdb/index.ts';
import { invoke, startWorkflows, type WorkflowFunction, type WorkflowResult } from '../../../../helpers/workflow.ts';

const FILES: Record<string, string | Buffer> = {
  'items.csv': 'name,size\r\n"a, b",1\r\n"say ""hi""",2\r\n',
  'items.jsonl': '{"n":1}\n{"n":2}\n{"n":3}\n',
  'items.json': '{"list":[{"n":4},{"n":5}]}',
};

/** A distributed Map over S3 whose child calls `work`. */
const runMap = async (
  fields: Record<string, unknown>,
  work: WorkflowFunction,
): Promise<WorkflowResult & { readonly written: Readonly<Record<string, unknown>> }> => {
  const written: Record<string, unknown> = {};
  const workflows = await startWorkflows({
    functions: { work },
    call: (_service, action, parameters: { Key: string; Body: string; ContinuationToken?: string }) => {
      if (action === 'GetObject') return { Body: Buffer.from(FILES[parameters.Key] as Buffer) };
      if (action === 'PutObject') {
        written[parameters.Key.split('/').at(-1) ?? ''] = JSON.parse(parameters.Body);
        return {};
      }
      const object = (Key: string) => ({
        Key,
        Size: 3,
        ETag: '"e"',
        LastModified: new Date(5_000),
        StorageClass: 'STANDARD',
      });
      return parameters.ContinuationToken === undefined
        ? { Contents: [object('p/1')], NextContinuationToken: 'more' }
        : { Contents: [object('p/2')] };
    },
  });
  const result = await workflows.run({
    QueryLanguage: 'JSONata',
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Work',
          States: { Work: invoke('work', { End: true }) },
        },
        End: true,
        ...fields,
      },
    },
  });
  await workflows.stop();
  return { ...result, written };
};

/** Written by DuckDB, which reads it again: two rows of every type that a row may hold. */
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-parquet-test-'));
  const engine = await openDuckDb({ spillFolder: folder });
  const file = join(folder, 'items.parquet');
  await engine.execute(
    `COPY (SELECT * FROM (VALUES (1, 'a', [1, 2], TIMESTAMP '2001-01-01'), (2, NULL, [], TIMESTAMP '2001-01-02')) AS t(n, name, list, seen)) TO '${file}' (FORMAT parquet)`,
  );
  await engine.close();
  FILES['items.parquet'] = readFileSync(file);
  rmSync(folder, { recursive: true, force: true });
});

const reader = (key: string, config: Record<string, unknown>): Record<string, unknown> => ({
  Resource: 'arn:aws:states:::s3:getObject',
  Arguments: { Bucket: 'b', Key: key },
  ReaderConfig: config,
});

describe('a distributed Map', () => {
  it.each<readonly [string, Record<string, unknown>, unknown]>([
    [
      'items.csv',
      { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
      [
        { name: 'a, b', size: '1' },
        { name: 'say "hi"', size: '2' },
      ],
    ],
    [
      'items.csv',
      { InputType: 'CSV', CSVHeaderLocation: 'GIVEN', CSVHeaders: ['x', 'y'], MaxItems: 1 },
      [{ x: 'name', y: 'size' }],
    ],
    ['items.jsonl', { InputType: 'JSONL' }, [{ n: 1 }, { n: 2 }, { n: 3 }]],
    ['items.json', { InputType: 'JSON', ItemsPointer: '/list' }, [{ n: 4 }, { n: 5 }]],
    [
      'items.parquet',
      { InputType: 'PARQUET' },
      [
        { n: 1, name: 'a', list: [1, 2], seen: Date.UTC(2001, 0, 1) },
        { n: 2, name: null, list: [], seen: Date.UTC(2001, 0, 2) },
      ],
    ],
    [
      'items.parquet',
      { InputType: 'PARQUET', MaxItems: '{% 1 %}' },
      [{ n: 1, name: 'a', list: [1, 2], seen: Date.UTC(2001, 0, 1) }],
    ],
  ])('reads %s with %o', async (key, config, items) => {
    const result = await runMap({ ItemReader: reader(key, config) }, (item) => item);

    expect(result.output).toEqual(items);
  });

  it('reads all pages of a listing', async () => {
    const listing = { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'b', Prefix: 'p/' } };

    const result = await runMap(
      { ItemReader: listing, ItemSelector: '{% $states.context.Map.Item.Value.Key %}' },
      (key) => key,
    );

    expect(result.output).toEqual(['p/1', 'p/2']);
    expect(result.history.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['MapRunStarted', 'MapRunSucceeded']),
    );
  });

  it('reads what the listed objects hold with LOAD_AND_FLATTEN, and tells where each item came from', async () => {
    FILES['p/1'] = '{"n":1}\n';
    FILES['p/2'] = '{"n":2}\n{"n":3}\n';
    const listing = {
      Resource: 'arn:aws:states:::s3:listObjectsV2',
      Arguments: { Bucket: 'b', Prefix: 'p/' },
      ReaderConfig: { InputType: 'JSONL', Transformation: 'LOAD_AND_FLATTEN' },
    };

    const result = await runMap(
      { ItemReader: listing, ItemSelector: '{% $states.context.Map.Item %}' },
      (item) => item,
    );

    expect(result.output).toEqual([
      { Index: 0, Value: { n: 1 }, Source: 's3://b/p/1' },
      { Index: 1, Value: { n: 2 }, Source: 's3://b/p/2' },
      { Index: 2, Value: { n: 3 }, Source: 's3://b/p/2' },
    ]);
  });

  it.each<readonly [Record<string, unknown>, unknown]>([
    [{ Transformation: 'FLATTEN' }, [1, 'x', 2, 'x', 3, 'x']],
    [
      { Transformation: 'COMPACT' },
      [
        [1, 'x'],
        [2, 'x'],
        [3, 'x'],
      ],
    ],
    [{ Transformation: 'FLATTEN', OutputType: 'JSONL' }, '1\n"x"\n2\n"x"\n3\n"x"\n'],
  ])('gives the outputs of the children as %o asks', async (WriterConfig, output) => {
    const result = await runMap(
      { ItemReader: reader('items.jsonl', { InputType: 'JSONL' }), ResultWriter: { WriterConfig } },
      ({ n }: { n: number }) => [n, 'x'],
    );

    expect(result.output).toEqual(output);
  });

  it('writes what failed and what was never started, each to its file', async () => {
    const picky = ({ n }: { n: number }): number => {
      if (n === 2) throw new Error('two');
      return n;
    };

    const result = await runMap(
      {
        ItemReader: reader('items.jsonl', { InputType: 'JSONL' }),
        MaxConcurrency: 1,
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out' } },
      },
      picky,
    );

    expect(result).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect(result.written['SUCCEEDED_0.json']).toMatchObject([{ Input: '{"n":1}', Output: '1', Status: 'SUCCEEDED' }]);
    expect(result.written['FAILED_0.json']).toMatchObject([{ Input: '{"n":2}', Error: 'Error', Status: 'FAILED' }]);
    expect(result.written['PENDING_0.json']).toMatchObject([{ Input: '{"n":3}', Status: 'PENDING' }]);
  });

  it('gives batches with their shared input and writes the results to S3', async () => {
    const result = await runMap(
      {
        ItemReader: reader('items.jsonl', { InputType: 'JSONL' }),
        ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { model: 'm' } },
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'out', Prefix: 'results' } },
      },
      ({ Items, BatchInput }: { Items: readonly unknown[]; BatchInput: unknown }) => ({
        count: Items.length,
        BatchInput,
      }),
    );

    const outputs = (result.written['SUCCEEDED_0.json'] as { Output: string }[]).map(({ Output }) =>
      JSON.parse(Output),
    );
    expect(outputs).toEqual([
      { count: 2, BatchInput: { model: 'm' } },
      { count: 1, BatchInput: { model: 'm' } },
    ]);
    expect(result.output).toMatchObject({
      ResultWriterDetails: { Bucket: 'out', Key: expect.stringMatching(/^results\/.*manifest\.json$/) },
    });
    expect(result.written['manifest.json']).toMatchObject({ DestinationBucket: 'out', ResultFiles: { FAILED: [] } });
  });

  it('lets as many items fail as are tolerated, and no more', async () => {
    const picky = ({ n }: { n: number }): number => {
      if (n === 2) throw new Error('two');
      return n;
    };
    const source = { ItemReader: reader('items.jsonl', { InputType: 'JSONL' }) };

    const tolerated = await runMap({ ...source, ToleratedFailureCount: 1 }, picky);
    const strict = await runMap(source, picky);

    expect(tolerated.output).toEqual([1, 3]);
    expect(strict).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
  });
});

it.each<readonly [object, number, boolean]>([
  [{}, 0, false],
  [{}, 1, true],
  [{ toleratedFailureCount: 2 }, 2, false],
  [{ toleratedFailureCount: 2 }, 3, true],
  [{ toleratedFailurePercentage: 25 }, 25, false],
  [{ toleratedFailurePercentage: 25 }, 26, true],
  // Either limit is enough.
  [{ toleratedFailureCount: 50, toleratedFailurePercentage: 10 }, 11, true],
  [{ toleratedFailureCount: 5, toleratedFailurePercentage: 10 }, 6, true],
])('with %o and 100 items, %i failures exceed what is tolerated: %s', (limits, failed, exceeded) => {
  expect(exceedsTolerance({ ...limits, itemCount: 100 }, failed)).toBe(exceeded);
});

it('groups items within both limits', () => {
  const items = ['aaaa', 'bbbb', 'cccc', 'd'.repeat(100), 'e'];

  expect(groupItems(items, { maxItems: 2, maxBytes: 50 })).toEqual([
    ['aaaa', 'bbbb'],
    ['cccc'],
    ['d'.repeat(100)],
    ['e'],
  ]);
});

it('reads empty fields and line ends inside quotes', () => {
  expect(parseCsv('a|b\n|"x\ny"\n\n1|', '|')).toEqual([
    ['a', 'b'],
    ['', 'x\ny'],
    ['1', ''],
  ]);
});
