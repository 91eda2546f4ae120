import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { ResultWriter } from '../definition/types.ts';
import { Cancelled, StateFailure } from '../failure.ts';
import { evaluateTemplate } from '../query/evaluate.ts';
import type { ExecutionRecord, MapBatchRecord } from '../records.ts';
import { queryScope, type Visit } from '../run/frame.ts';

type Children = readonly { readonly batch: MapBatchRecord; readonly execution: ExecutionRecord | undefined }[];
type Transformation = 'NONE' | 'COMPACT' | 'FLATTEN';
type FileName = 'SUCCEEDED' | 'FAILED' | 'PENDING';

interface Written {
  readonly output: JsonValue;
  /** Items whose children's results lie in S3. */
  readonly exportedItems: number;
}

/** A child execution as the result files list it. */
const describeChild = (execution: ExecutionRecord): JsonValue => ({
  ExecutionArn: execution.arn,
  Input: execution.input,
  InputDetails: { Included: true },
  Name: execution.name,
  ...(execution.output === undefined ? {} : { Output: execution.output, OutputDetails: { Included: true } }),
  ...(execution.error === undefined ? {} : { Error: execution.error }),
  ...(execution.cause === undefined ? {} : { Cause: execution.cause }),
  RedriveCount: execution.redriveCount,
  RedriveStatus: execution.status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
  StartDate: new Date(execution.startMs).toISOString(),
  StateMachineArn: execution.stateMachineArn,
  Status: execution.status,
  StopDate: new Date(execution.stopMs ?? execution.startMs).toISOString(),
});

const executionsOf = (children: Children): readonly ExecutionRecord[] =>
  children.flatMap(({ execution }) => execution ?? []);

const succeeded = (children: Children): readonly ExecutionRecord[] =>
  executionsOf(children).filter(({ status }) => status === 'SUCCEEDED');

/** What succeeded children give, in the order of their batches. */
const transform = (children: Children, transformation: Transformation): readonly JsonValue[] => {
  if (transformation === 'NONE') return succeeded(children).map(describeChild);
  const outputs = succeeded(children).map(({ output }) => JSON.parse(output ?? 'null') as JsonValue);
  return transformation === 'FLATTEN' ? outputs.flat(1) : outputs;
};

/** The entries of each file; only successes are transformed. */
const filesOf = (
  children: Children,
  transformation: Transformation,
): Readonly<Record<FileName, readonly JsonValue[]>> => ({
  SUCCEEDED: transform(children, transformation),
  FAILED: executionsOf(children)
    .filter(({ status }) => status !== 'SUCCEEDED')
    .map(describeChild),
  PENDING: children
    .filter(({ execution }) => execution === undefined)
    .map(({ batch }) => ({ Input: batch.input ?? null, InputDetails: { Included: true }, Status: 'PENDING' })),
});

const textOf = (entries: readonly JsonValue[], lines: boolean): string =>
  lines ? entries.map((entry) => `${JSON.stringify(entry)}\n`).join('') : JSON.stringify(entries);

const readTarget = async (template: JsonValue, visit: Visit): Promise<{ bucket: string; prefix: string }> => {
  const target = (await evaluateTemplate(template, 'ResultWriter/Arguments', queryScope(visit))) as {
    readonly Bucket?: JsonValue;
    readonly Prefix?: JsonValue;
  };
  const prefix = String(target.Prefix ?? '').replace(/\/$/, '');
  return { bucket: String(target.Bucket ?? ''), prefix: prefix === '' ? '' : `${prefix}/` };
};

/**
 * Gives the results of a Map Run as the definition asks: as the state's output, or in S3 as `SUCCEEDED_0.json`,
 * `FAILED_0.json`, `PENDING_0.json` and the `manifest.json` that lists them.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 * @throws StateFailure States.ResultWriterFailed
 */
export const writeResults = async (
  writer: ResultWriter | undefined,
  visit: Visit,
  mapRunArn: string,
  children: Children,
): Promise<Written> => {
  const { ports, execution } = visit.frame.runtime;
  const config = writer?.WriterConfig ?? {};
  const lines = config.OutputType === 'JSONL';
  if (writer?.Arguments === undefined) {
    const entries = transform(children, config.Transformation ?? 'COMPACT');
    return { output: lines ? textOf(entries, true) : entries, exportedItems: 0 };
  }
  const { bucket, prefix } = await readTarget(writer.Arguments, visit);
  const folder = `${prefix}${mapRunArn.split(':').at(-1) ?? ''}`;
  const put = async (name: string, Body: string): Promise<JsonValue> => {
    const request = { Bucket: bucket, Key: `${folder}/${name}`, Body, ContentType: 'application/json' };
    await ports.call('s3', 'PutObject', request, execution.roleArn);
    return { Key: request.Key, Size: Buffer.byteLength(Body) };
  };
  const files = filesOf(children, config.Transformation ?? 'NONE');
  const putFile = async (name: FileName): Promise<readonly JsonValue[]> =>
    files[name].length === 0 ? [] : [await put(`${name}_0.${lines ? 'jsonl' : 'json'}`, textOf(files[name], lines))];
  const write = async (): Promise<void> => {
    const ResultFiles = {
      FAILED: await putFile('FAILED'),
      PENDING: await putFile('PENDING'),
      SUCCEEDED: await putFile('SUCCEEDED'),
    };
    await put('manifest.json', JSON.stringify({ DestinationBucket: bucket, MapRunArn: mapRunArn, ResultFiles }));
  };
  try {
    await visit.frame.strand.work(write());
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    throw new StateFailure('States.ResultWriterFailed', error instanceof Error ? error.message : String(error));
  }
  return {
    output: { MapRunArn: mapRunArn, ResultWriterDetails: { Bucket: bucket, Key: `${folder}/manifest.json` } },
    exportedItems: children.reduce((sum, { batch }) => sum + batch.itemCount, 0),
  };
};
