import { availableParallelism } from 'node:os';
import type { ServiceContext } from '../../contracts.ts';
import type { ChildRegistry } from '../child-registry.ts';
import { jobEnvironment } from '../job-environment.ts';
import { holdForJob, type JobHold, MACHINE_HOLD } from '../job-hold.ts';
import { beginJobTime, type JobTime } from '../job-time.ts';
import type { JobWaiters } from '../job-waiters.ts';
import type { LocalImages } from '../local-images.ts';
import { describeJob } from './describe.ts';
import { type AttemptRecord, type BatchTables, type ExitRule, isOver, type JobRecord } from './records.ts';
import { type RunningTask, runTask, type TaskResult } from './run-task.ts';

const LOG_GROUP = '/aws/batch/job';
/** Batch gives a container so long between SIGTERM and SIGKILL. */
const STOP_GRACE_MS = 30_000;
const LOST_REASON = 'Host EC2 (embedded cloud) terminated.';

export interface SchedulerDeps {
  readonly context: ServiceContext;
  readonly tables: BatchTables;
  readonly waiters: JobWaiters;
  readonly children: ChildRegistry;
  readonly images: LocalImages;
  readonly stopGraceMs?: number;
}

/** Runs jobs in the order they came, as many at once as this machine has processors. */
export interface JobScheduler {
  submit(job: JobRecord): void;
  /** Ends a job that has not ended; a job that has not started fails at once. */
  end(id: string, reason: string, how: 'cancelled' | 'terminated'): void;
  /** Takes up what an earlier process left. */
  resume(): void;
  stop(): Promise<void>;
}

/** The attempt that runs now, if one does, and the job's hold of the clock. */
interface TaskHolder {
  current?: RunningTask;
  hold: JobHold;
}

interface State extends SchedulerDeps {
  readonly running: Map<string, { readonly task: TaskHolder; readonly done: Promise<void> }>;
  stopped: boolean;
}

const change = ({ context, tables, waiters }: SchedulerDeps, id: string, next: Partial<JobRecord>): JobRecord => {
  const job = tables.jobs.get(id);
  if (!job) throw new Error(`job ${id} is gone`);
  const changed: JobRecord = { ...job, ...next };
  tables.jobs.put(id, changed);
  if (changed.status === job.status) return changed;
  context.ports.putEvent({
    busName: 'default',
    source: 'aws.batch',
    detailType: 'Batch Job State Change',
    resources: [changed.arn],
    detail: describeJob(changed),
  });
  if (isOver(changed.status)) waiters.ended('batch', id);
  return changed;
};

/** `*` at the end matches any rest, as in Batch. */
const globMatches = (pattern: string | undefined, text: string): boolean => {
  if (pattern === undefined) return true;
  return pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
};

/** Whether a failed attempt is followed by another. The first rule that matches decides; without one, it is. */
const retries = (rules: readonly ExitRule[], result: TaskResult): boolean => {
  const failed = result.containers.find(({ exitCode }) => exitCode !== undefined && exitCode !== 0);
  const rule = rules.find(
    (candidate) =>
      globMatches(candidate.onExitCode, String(failed?.exitCode ?? '')) &&
      globMatches(candidate.onReason, failed?.reason ?? '') &&
      globMatches(candidate.onStatusReason, result.statusReason),
  );
  return rule?.action !== 'EXIT';
};

const runAttempt = async (state: State, job: JobRecord, holder: TaskHolder, number: number): Promise<TaskResult> => {
  const { context, images } = state;
  const { spec } = job;
  const environment = {
    ...(await jobEnvironment(context, spec.roleArn, `batch-${job.id}`)),
    AWS_BATCH_JOB_ID: job.id,
    AWS_BATCH_JOB_ATTEMPT: String(number),
    AWS_BATCH_JQ_NAME: job.queueArn.split('/').at(-1) ?? '',
  };
  const logStream = (container: string): string =>
    `${job.definitionArn.split('/').at(-1)?.split(':')[0]}/${container}/${job.id}-${number}`;
  const time = beginJobTime(
    context.clock,
    spec.containers.map(({ image }) => images[image]),
  );
  const task = runTask({
    spec,
    images,
    environment,
    logStream,
    onLine: ({ name }, message) =>
      context.ports.putLogLine({
        logGroup: LOG_GROUP,
        logStream: logStream(name),
        atMs: context.clock.nowMs(),
        message,
      }),
    stopGraceMs: state.stopGraceMs ?? STOP_GRACE_MS,
    clock: context.clock,
    children: state.children,
    hold: time.isVirtual ? holder.hold : MACHINE_HOLD,
  });
  holder.current = task;
  const pending = state.tables.jobs.get(job.id);
  if (pending?.terminated) task.stop(pending.statusReason ?? 'Terminated');
  const cancels = [
    spec.timeoutSeconds === undefined
      ? () => {}
      : time.after(spec.timeoutSeconds * 1000, () => task.stop('Job attempt duration exceeded timeout')),
    injectFault(context, { jobName: job.name, attempt: number, task, time }),
  ];
  try {
    return await task.done;
  } finally {
    for (const cancel of cancels) cancel();
    delete holder.current;
  }
};

/** What is injected into an attempt. @returns what cancels it */
const injectFault = (
  context: ServiceContext,
  {
    jobName,
    attempt,
    task,
    time,
  }: {
    readonly jobName: string;
    readonly attempt: number;
    readonly task: RunningTask;
    readonly time: JobTime;
  },
): (() => void) => {
  const fault = context.faults.job({ service: 'batch', jobName, attempt });
  if (fault === undefined) return () => {};
  return time.after(fault.afterMs, () => (fault.kind === 'kill' ? task.kill() : task.stop(LOST_REASON)));
};

const runJob = async (state: State, id: string, holder: TaskHolder): Promise<void> => {
  const { context, tables } = state;
  for (;;) {
    const job = change(state, id, { status: 'STARTING' });
    const startedMs = context.clock.nowMs();
    change(state, id, { status: 'RUNNING', startedMs });
    const result = await runAttempt(state, job, holder, job.attempts.length + 1);
    const stoppedMs = context.clock.nowMs();
    const { containers, statusReason } = result;
    const attempt: AttemptRecord = { containers, startedMs, stoppedMs, statusReason };
    const attempts = [...job.attempts, attempt];
    const { terminated } = tables.jobs.get(id) ?? job;
    if (result.succeeded) {
      change(state, id, { status: 'SUCCEEDED', attempts, stoppedMs, statusReason });
      return;
    }
    // The next process takes the job up as one whose host was lost, whether this one was stopped or killed.
    if (state.stopped && !terminated) return;
    if (terminated || attempts.length >= job.spec.attempts || !retries(job.spec.exitRules, result)) {
      change(state, id, { status: 'FAILED', attempts, stoppedMs, ...(terminated ? {} : { statusReason }) });
      return;
    }
    change(state, id, { status: 'RUNNABLE', attempts });
  }
};

const launch = (state: State, id: string): void => {
  const holder: TaskHolder = { hold: MACHINE_HOLD };
  const run = async (hold: JobHold): Promise<void> => {
    holder.hold = hold;
    try {
      await runJob(state, id, holder);
    } catch (error) {
      change(state, id, { status: 'FAILED', statusReason: String(error), stoppedMs: state.context.clock.nowMs() });
    }
  };
  const done = holdForJob(state.context.clock, `batch job ${id}`, run).finally(() => {
    state.running.delete(id);
    pump(state);
  });
  state.running.set(id, { task: holder, done });
};

/** Moves jobs on: past their dependencies, and into free places. */
const pump = (state: State): void => {
  const { tables, running } = state;
  if (state.stopped) return;
  const waiting = tables.jobs
    .entries()
    .map(([, job]) => job)
    .filter((job) => !isOver(job.status) && !running.has(job.id))
    .sort((a, b) => a.createdMs - b.createdMs);
  for (const job of waiting) {
    const needed = job.dependsOn.map((id) => tables.jobs.get(id)?.status);
    if (needed.includes('FAILED') || needed.includes(undefined)) {
      change(state, job.id, {
        status: 'FAILED',
        statusReason: 'Dependent Job failed',
        stoppedMs: state.context.clock.nowMs(),
      });
      // Its own dependents come after it in no particular order: look again.
      pump(state);
      return;
    }
    if (!needed.every((status) => status === 'SUCCEEDED')) change(state, job.id, { status: 'PENDING' });
    else {
      change(state, job.id, { status: 'RUNNABLE' });
      if (running.size < availableParallelism()) launch(state, job.id);
    }
  }
};

const endJob = (state: State, id: string, reason: string, how: 'cancelled' | 'terminated'): void => {
  const job = state.tables.jobs.get(id);
  if (!job || isOver(job.status)) return;
  const running = state.running.get(id);
  if (running) {
    // CancelJob leaves alone what has started.
    if (how === 'cancelled') return;
    change(state, id, { terminated: true, statusReason: reason });
    running.task.current?.stop(reason);
    return;
  }
  change(state, id, { status: 'FAILED', [how]: true, statusReason: reason, stoppedMs: state.context.clock.nowMs() });
  pump(state);
};

const resume = (state: State): void => {
  const { tables, context, running } = state;
  for (const [id, job] of tables.jobs.entries()) {
    if (running.has(id) || (job.status !== 'STARTING' && job.status !== 'RUNNING')) continue;
    const nowMs = context.clock.nowMs();
    const attempts = [
      ...job.attempts,
      { containers: [], startedMs: job.startedMs ?? nowMs, stoppedMs: nowMs, statusReason: LOST_REASON },
    ];
    const again =
      attempts.length < job.spec.attempts &&
      retries(job.spec.exitRules, { containers: [], succeeded: false, statusReason: LOST_REASON });
    if (again) change(state, id, { status: 'RUNNABLE', attempts });
    else change(state, id, { status: 'FAILED', attempts, stoppedMs: nowMs, statusReason: LOST_REASON });
  }
  pump(state);
};

export const createJobScheduler = (deps: SchedulerDeps): JobScheduler => {
  const state: State = { ...deps, running: new Map(), stopped: false };
  return {
    submit: (job) => {
      deps.tables.jobs.put(job.id, job);
      pump(state);
    },
    end: (id, reason, how) => endJob(state, id, reason, how),
    resume: () => resume(state),
    stop: async () => {
      state.stopped = true;
      const jobs = [...state.running.values()];
      for (const { task } of jobs) task.current?.stop(LOST_REASON);
      await Promise.all(jobs.map(({ done }) => done));
    },
  };
};
