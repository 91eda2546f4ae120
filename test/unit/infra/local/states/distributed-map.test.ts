import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../../../infra/local/states/map/csv.ts';
import { groupItems } from '../../../../../infra/local/states/map/item-batcher.ts';
import { invoke, startWorkflows, type WorkflowFunction, type WorkflowResult } from '../../../../helpers/workflow.ts';

const FILES: Readonly<Record<string, string>> = {
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
      if (action === 'GetObject') return { Body: Buffer.from(FILES[parameters.Key] ?? '') };
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
