import type { ServiceContext } from '../contracts.ts';
import type { ExecutionRecord, HistoryEvent, LoggingConfiguration } from './records.ts';

/** What the rest of the cloud hears of executions: events on the default bus, metrics, log lines. */

const METRICS: Readonly<Record<ExecutionRecord['status'], string>> = {
  RUNNING: 'ExecutionsStarted',
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/** Input and output together beyond this do not travel with the event: EventBridge takes 256 KiB. */
const EVENT_DATA_BYTES = 248 * 1_024;

const fitsEvent = ({ input, output = '' }: ExecutionRecord): boolean =>
  Buffer.byteLength(JSON.stringify(input)) + Buffer.byteLength(JSON.stringify(output)) <= EVENT_DATA_BYTES;

/** Publishes `Step Functions Execution Status Change` and counts it. */
export const announceStatus = ({ ports }: ServiceContext, record: ExecutionRecord): void => {
  const included = fitsEvent(record);
  ports.putEvent({
    busName: 'default',
    source: 'aws.states',
    detailType: 'Step Functions Execution Status Change',
    resources: [record.arn],
    detail: {
      executionArn: record.arn,
      stateMachineArn: record.stateMachineArn,
      name: record.name,
      status: record.status,
      startDate: record.startMs,
      stopDate: record.stopMs ?? null,
      input: included ? record.input : null,
      output: included ? (record.output ?? null) : null,
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: record.redriveCount,
      redriveDate: record.redriveMs ?? null,
      inputDetails: { included },
      outputDetails: record.output === undefined ? null : { included },
      error: record.error ?? null,
      cause: record.cause ?? null,
    },
  });
  const dimensions = { StateMachineArn: record.stateMachineArn };
  ports.putMetric({ namespace: 'AWS/States', name: METRICS[record.status], dimensions, value: 1, unit: 'Count' });
  if (record.stopMs === undefined) return;
  const value = record.stopMs - record.startMs;
  ports.putMetric({ namespace: 'AWS/States', name: 'ExecutionTime', dimensions, value, unit: 'Milliseconds' });
};

const BAD_END = /(Failed|TimedOut|Aborted)$/;

const isLogged = (level: LoggingConfiguration['level'], type: string): boolean => {
  if (level === 'ALL') return true;
  if (level === 'ERROR') return BAD_END.test(type);
  return level === 'FATAL' && type.startsWith('Execution') && BAD_END.test(type);
};

/** Writes an event to the state machine's log groups, in the form AWS logs it. */
export const logEvent = ({ ports }: ServiceContext, record: ExecutionRecord, event: HistoryEvent): void => {
  const { level, includeExecutionData, destinations } = record.logging;
  if (!isLogged(level, event.type)) return;
  const day = new Date(record.startMs).toISOString().slice(0, 10);
  const message = JSON.stringify({
    id: String(event.id),
    type: event.type,
    ...(includeExecutionData || event.type.endsWith('Failed') ? { details: event.details ?? {} } : {}),
    previous_event_id: String(event.previousEventId),
    event_timestamp: String(event.timestampMs),
    execution_arn: record.arn,
  });
  for (const { cloudWatchLogsLogGroup } of destinations ?? []) {
    const logGroup = /:log-group:([^:]+)/.exec(cloudWatchLogsLogGroup.logGroupArn)?.[1];
    if (logGroup === undefined) continue;
    const logStream = `states/${record.stateMachineArn.split(':').at(-1)}/${day}/${record.name}`;
    ports.putLogLine({ logGroup, logStream, atMs: event.timestampMs, message });
  }
};
