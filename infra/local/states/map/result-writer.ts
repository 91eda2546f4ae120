import type { JsonValue } from '../../../../shared/kernel/json.ts';
import type { ResultWriter } from '../definition/types.ts';
import { Cancelled, StateFailure } from '../failure.ts';
import { evaluateTemplate } from '../query/evaluate.ts';
import type { ExecutionRecord, MapRunRecord } from '../records.ts';
import { queryScope, type Visit } from '../run/frame.ts';

/** A child execution as the result files list it. */
const describeChild = (execution: ExecutionRecord): JsonValue => ({
  ExecutionArn: execution.arn,
  Input: execution.input,
  InputDetails: { Included: true },
  Name: execution.name,
  ...(execution.output === undefined ? {} : { Output: execution.output, OutputDetails: { Included: true } }),
  ...(execution.error === undefined ? {} : { Error: execution.error }),
  ...(execution.cause === undefined ? {} : { Cause: execution.cause }),
  RedriveCount: 0,
  StartDate: new Date(execution.startMs).toISOString(),
  StateMachineArn: execution.stateMachineArn,
  Status: execution.status,
  StopDate: new Date(execution.stopMs ?? execution.startMs).toISOString(),
});

/** Writes `SUCCEEDED_0.json`, `FAILED_0.json` and `manifest.json`. @throws StateFailure States.ResultWriterFailed */
export const writeResults = async (
  writer: ResultWriter,
  visit: Visit,
  mapRun: MapRunRecord,
  runs: readonly { readonly execution: ExecutionRecord }[],
): Promise<JsonValue> => {
  const { ports, execution } = visit.frame.runtime;
  const target = (await evaluateTemplate(writer.Arguments, 'ResultWriter/Arguments', queryScope(visit))) as {
    readonly Bucket?: JsonValue;
    readonly Prefix?: JsonValue;
  };
  const bucket = String(target.Bucket ?? '');
  const prefix = String(target.Prefix ?? '').replace(/\/$/, '');
  const folder = `${prefix === '' ? '' : `${prefix}/`}${mapRun.arn.split(':').at(-1) ?? ''}`;
  const put = async (name: string, content: JsonValue): Promise<JsonValue> => {
    const Key = `${folder}/${name}`;
    const Body = JSON.stringify(content);
    await ports.call(
      's3',
      'PutObject',
      { Bucket: bucket, Key, Body, ContentType: 'application/json' },
      execution.roleArn,
    );
    return { Key, Size: Buffer.byteLength(Body) };
  };
  const putStatus = async (status: string): Promise<readonly JsonValue[]> => {
    const matching = runs.filter((run) => run.execution.status === status);
    return matching.length === 0
      ? []
      : [
          await put(
            `${status}_0.json`,
            matching.map((run) => describeChild(run.execution)),
          ),
        ];
  };
  const write = async (): Promise<void> => {
    const ResultFiles = { SUCCEEDED: await putStatus('SUCCEEDED'), FAILED: await putStatus('FAILED'), PENDING: [] };
    await put('manifest.json', { DestinationBucket: bucket, MapRunArn: mapRun.arn, ResultFiles });
  };
  try {
    await visit.frame.strand.work(write());
  } catch (error) {
    if (error instanceof Cancelled) throw error;
    throw new StateFailure('States.ResultWriterFailed', error instanceof Error ? error.message : String(error));
  }
  return { MapRunArn: mapRun.arn, ResultWriterDetails: { Bucket: bucket, Key: `${folder}/manifest.json` } };
};
