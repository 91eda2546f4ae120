import type { JsonValue } from '../../../../shared/kernel/json.ts';
import { SUBMISSION_TAG } from '../../jobs/job-waiters.ts';
import { Cancelled, StateFailure } from '../failure.ts';
import type { Visit } from '../run/frame.ts';
import { callApi, submit } from './submit.ts';
import type { TaskCall } from './task-call.ts';

type Answer = Readonly<Record<string, JsonValue>>;
type Service = 'sagemaker' | 'batch' | 'states';

interface JobKind {
  /** The arguments with a mark by which the service knows a submission that comes again. */
  readonly marked: (given: Answer, mark: string) => Answer;
  /** Identity of the job in the answer of its submission, or in the arguments. */
  readonly idOf: (answer: Answer, given: Answer) => string;
  readonly describe: (id: string) => { readonly action: string; readonly parameters: JsonValue };
  /** The job itself in the description. */
  readonly read: (description: Answer) => Answer;
  readonly status: string;
  readonly succeeded: string;
  readonly failed: readonly string[];
  readonly stop: (id: string) => { readonly action: string; readonly parameters: JsonValue };
}

const STOP_REASON = 'The workflow execution that waits for it ended';

const KINDS: Readonly<Record<Service, JobKind>> = {
  sagemaker: {
    marked: (given, mark) => {
      const tags = Array.isArray(given.Tags) ? given.Tags : [];
      return { ...given, Tags: [...tags, { Key: SUBMISSION_TAG, Value: mark }] };
    },
    idOf: (_answer, given) => String(given.TrainingJobName),
    describe: (id) => ({ action: 'describeTrainingJob', parameters: { TrainingJobName: id } }),
    read: (description) => description,
    status: 'TrainingJobStatus',
    succeeded: 'Completed',
    failed: ['Failed', 'Stopped'],
    stop: (id) => ({ action: 'stopTrainingJob', parameters: { TrainingJobName: id } }),
  },
  batch: {
    marked: (given, mark) => ({ ...given, Tags: { ...(given.Tags as Answer), [SUBMISSION_TAG]: mark } }),
    idOf: (answer) => String(answer.JobId),
    describe: (id) => ({ action: 'describeJobs', parameters: { Jobs: [id] } }),
    read: (description) => (description.Jobs as readonly Answer[] | undefined)?.[0] ?? {},
    status: 'Status',
    succeeded: 'SUCCEEDED',
    failed: ['FAILED'],
    stop: (id) => ({ action: 'terminateJob', parameters: { JobId: id, Reason: STOP_REASON } }),
  },
  states: {
    // A nested execution with a name is found by it: started again with the same input, it is the same one.
    marked: (given) => given,
    idOf: (answer) => String(answer.ExecutionArn),
    describe: (id) => ({ action: 'describeExecution', parameters: { ExecutionArn: id } }),
    read: (description) => description,
    status: 'Status',
    succeeded: 'SUCCEEDED',
    failed: ['FAILED', 'TIMED_OUT', 'ABORTED'],
    stop: (id) => ({ action: 'stopExecution', parameters: { ExecutionArn: id, Cause: STOP_REASON } }),
  },
};

/** Looks per job: each follows a notice that it ended, so two are the rule. */
const LOOK_LIMIT = 1_000;

const describeJob = async (call: TaskCall, kind: JobKind, id: string): Promise<Answer> => {
  const { service } = call.resource;
  const { action, parameters } = kind.describe(id);
  return kind.read((await callApi(call.visit, call.strand, { service, action, sdk: false, parameters })) as Answer);
};

const waitForEnd = async (call: TaskCall, kind: JobKind, id: string): Promise<Answer> => {
  const { jobs } = call.visit.frame.runtime;
  for (let look = 0; look < LOOK_LIMIT; look += 1) {
    // Listening starts before the look: a job that ends in between must not be missed.
    let ended = false;
    let wake = (): void => {};
    const stopListening = jobs.onEnd(call.resource.service as Service, id, () => {
      ended = true;
      wake();
    });
    try {
      const job = await describeJob(call, kind, id);
      const status = String(job[kind.status]);
      if (status === kind.succeeded) return job;
      if (kind.failed.includes(status)) throw new StateFailure('States.TaskFailed', JSON.stringify(job));
      if (!ended) {
        await call.strand.wait<void>(({ resolve }) => {
          wake = () => resolve();
          return () => {};
        });
      }
    } finally {
      stopListening();
    }
  }
  throw new StateFailure('States.Runtime', `job ${id} did not end after ${LOOK_LIMIT} notices`);
};

/** Best effort, as on AWS: a job must not go on when nobody waits for it. */
const stopJob = (visit: Visit, service: Service, kind: JobKind, id: string): void => {
  const { ports, execution } = visit.frame.runtime;
  const { action, parameters } = kind.stop(id);
  const names = { sagemaker: 'sagemaker', batch: 'batch', states: 'states' } as const;
  const camel = service === 'sagemaker' ? parameters : lowerFirst(parameters as Answer);
  void ports
    .call(names[service], action.charAt(0).toUpperCase() + action.slice(1), camel, execution.roleArn)
    .catch((error: unknown) =>
      ports.log({ level: 'warn', message: 'a job could not be stopped', id, error: String(error) }),
    );
};

const lowerFirst = (value: Answer): Answer =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key.charAt(0).toLowerCase() + key.slice(1), item]));

const isTimeout = (error: unknown): boolean => error instanceof StateFailure && error.errorName === 'States.Timeout';

/** `.sync:2` gives the output of a nested execution as JSON instead of as text. */
const shape = (call: TaskCall, job: Answer): JsonValue => {
  if (call.resource.pattern !== 'sync:2') return job;
  const parse = (value: JsonValue | undefined): JsonValue =>
    typeof value === 'string' ? (JSON.parse(value) as JsonValue) : null;
  return { ...job, Input: parse(job.Input), Output: parse(job.Output) };
};

/** The same for an attempt that is made again because nobody remembers whether its request was accepted. */
const submissionMark = ({ visit }: TaskCall): string => {
  const { enteredEventId, retryCount } = visit.position();
  return `${visit.frame.runtime.execution.arn}/${enteredEventId}/${retryCount}`;
};

/** Runs a job and waits for its end. @throws StateFailure States.TaskFailed with the job's description as cause */
export const awaitJob = async (call: TaskCall): Promise<JsonValue> => {
  const service = call.resource.service as Service;
  const kind = KINDS[service];
  let id: string;
  if (call.pending?.kind === 'job') id = call.pending.id;
  else {
    const given = kind.marked(call.arguments as Answer, submissionMark(call));
    const answer = (await submit({ ...call, arguments: given })) as Answer;
    id = kind.idOf(answer, call.arguments as Answer);
    call.submitted(answer, { kind: 'job', service, id, output: answer });
  }
  try {
    return shape(call, await waitForEnd(call, kind, id));
  } catch (error) {
    const stopped = error instanceof Cancelled && error.reason !== 'shutdown';
    if (stopped || isTimeout(error)) stopJob(call.visit, service, kind, id);
    throw error;
  }
};
