import { hash } from 'node:crypto';
import {
  type ExecutionChange,
  OPENLINEAGE_SCHEMA_URL,
  type OpenLineageDataset,
  type RunEvent,
} from '../../shared/contracts/openlineage.ts';
import { shorten } from '../../shared/kernel/show-value.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import { timeOrderedId } from '../../shared/kernel/time-ordered-id.ts';
import { scheduledAtOf } from './execution-node.ts';
import { facet, PRODUCER } from './facet.ts';

const TYPES = {
  RUNNING: 'START',
  SUCCEEDED: 'COMPLETE',
  FAILED: 'FAIL',
  TIMED_OUT: 'FAIL',
  ABORTED: 'ABORT',
  // Between its end and a redrive nothing new has come of an execution.
  PENDING_REDRIVE: undefined,
} as const satisfies Readonly<Record<ExecutionChange['status'], RunEvent['eventType'] | undefined>>;

const LONGEST_MESSAGE = 2_000;

export const eventTypeOf = ({ status, redriveCount }: ExecutionChange): RunEvent['eventType'] | undefined =>
  // A run starts once; that it goes on after a redrive is no second start.
  status === 'RUNNING' && redriveCount > 0 ? 'RUNNING' : TYPES[status];

const runFacets = (change: ExecutionChange): NonNullable<RunEvent['run']['facets']> => {
  const { status, error, cause } = change;
  const scheduledAt = scheduledAtOf(change);
  const message = [status === 'TIMED_OUT' ? 'the execution timed out' : error, cause].filter(Boolean).join(': ');
  const failed = eventTypeOf(change) === 'FAIL';
  const said = shorten(message || 'no error was given', LONGEST_MESSAGE);
  return {
    ...(scheduledAt === undefined
      ? {}
      : { nominalTime: facet('1-0-1/NominalTimeRunFacet', { nominalStartTime: scheduledAt }) }),
    ...(failed
      ? {
          errorMessage: facet('1-0-1/ErrorMessageRunFacet', { message: said, programmingLanguage: 'TypeScript' }),
        }
      : {}),
  };
};

/**
 * The event of a change. The run's id is made of the execution's ARN and start alone, so that every event of an execution
 * has the same, however often it is told.
 */
export const runEventOf = (
  change: ExecutionChange,
  eventType: RunEvent['eventType'],
  {
    stage,
    inputs,
    outputs,
  }: {
    readonly stage: string;
    readonly inputs: OpenLineageDataset[];
    readonly outputs: OpenLineageDataset[];
  },
): RunEvent => {
  const { executionArn, stateMachineArn, startDate, stopDate, redriveDate } = change;
  const namespace = `millrace-${stage}`;
  const workflow = (stateMachineArn.split(':').at(-1) ?? '').replace(`${namespace}-`, '');
  const atMs = stopDate ?? redriveDate ?? startDate;
  return {
    eventType,
    eventTime: isoTime(atMs),
    producer: PRODUCER,
    schemaURL: OPENLINEAGE_SCHEMA_URL,
    run: {
      runId: timeOrderedId(startDate, hash('sha256', executionArn, 'buffer')),
      facets: runFacets(change),
    },
    job: {
      namespace,
      name: workflow,
      facets: {
        jobType: facet('2-0-3/JobTypeJobFacet', {
          processingType: 'BATCH',
          integration: 'STEP_FUNCTIONS',
          jobType: 'WORKFLOW',
        }),
      },
    },
    inputs,
    outputs,
  };
};
