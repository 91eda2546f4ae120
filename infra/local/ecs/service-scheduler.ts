import { AwsError, type ServiceContext } from '../contracts.ts';
import type { TargetRegistry } from '../elbv2/target-registry.ts';
import {
  type Deployment,
  type EcsTables,
  isStopped,
  requireDefinition,
  type Service,
  serviceKey,
  type Task,
  taskKey,
} from './records.ts';
import type { RunningTask, TaskRunner } from './run-task.ts';
import type { TaskBook } from './task-book.ts';

/** Keeps as many tasks of a service running as are wanted, of the definition that is wanted. */
export interface ServiceScheduler {
  /** Something of the service has changed: brings it there, beside the caller. */
  converge(key: string): void;
  /** Takes a task out of its target groups and ends it; another takes its place where one is wanted. */
  stopTask(task: Task, why: Pick<Task, 'stopCode' | 'stoppedReason'>): Promise<void>;
  /** Starts again what an earlier process left. */
  resume(): void;
  stop(): Promise<void>;
}

interface Loop {
  again: boolean;
}

interface Deps {
  readonly context: ServiceContext;
  readonly tables: EcsTables;
  readonly tasks: TaskBook;
  readonly runner: TaskRunner;
  readonly targets: TargetRegistry;
}

interface State extends Deps {
  readonly running: Map<string, RunningTask>;
  /** Tasks that are on their way out: they count no longer. */
  readonly leaving: Set<string>;
  readonly loops: Map<string, Loop>;
  stopped: boolean;
}

/** Failed tasks in a row after which a circuit breaker gives a deployment up; ECS's least. */
const BREAKER_FAILURES = 3;
/** Before a failed task is followed by another, for each failure so far. */
const RETRY_AFTER_MS = 2_000;
const END_GRACE_MS = 2_000;
const LOST_REASON = 'Host (embedded cloud) terminated.';

const keyOf = (task: Task): string => taskKey(task.clusterArn, task.id);

const serviceOf = (state: State, { clusterArn, serviceName }: Task): Service | undefined =>
  state.tables.services.get(serviceKey(clusterArn, serviceName));

const changeDeployment = (state: State, key: string, id: string, next: Partial<Deployment>): void => {
  const service = state.tables.services.get(key);
  if (service === undefined || service.deployment.id !== id) return;
  const updatedAtMs = state.context.clock.nowMs();
  const deployment = { ...service.deployment, ...next, updatedAtMs };
  state.tables.services.put(key, { ...service, deployment });
  if (deployment.rolloutState === service.deployment.rolloutState) return;
  state.context.ports.putEvent({
    busName: 'default',
    source: 'aws.ecs',
    detailType: 'ECS Deployment State Change',
    resources: [service.arn],
    detail: {
      eventName: `SERVICE_DEPLOYMENT_${deployment.rolloutState}`,
      deploymentId: id,
      reason: deployment.rolloutStateReason,
    },
  });
};

/** A task ended before it was healthy: the deployment that wants it may be given up. */
const noteFailure = (state: State, task: Task): void => {
  const service = serviceOf(state, task);
  if (service === undefined || service.deployment.id !== task.deploymentId) return;
  const key = serviceKey(service.clusterArn, service.name);
  const failedTaskCount = service.deployment.failedTaskCount + 1;
  const givenUp =
    service.circuitBreaker && service.deployment.rolloutState === 'IN_PROGRESS' && failedTaskCount >= BREAKER_FAILURES;
  changeDeployment(state, key, task.deploymentId, {
    failedTaskCount,
    ...(givenUp
      ? { rolloutState: 'FAILED', rolloutStateReason: 'ECS deployment circuit breaker: tasks failed to start.' }
      : {}),
  });
  if (givenUp) return;
  const { clock } = state.context;
  clock.at(clock.nowMs() + RETRY_AFTER_MS * failedTaskCount, `another task of ${service.name}`, () =>
    converge(state, key),
  );
};

const addressesOf = (service: Service, { port }: Task) =>
  port === undefined
    ? []
    : service.targetGroups.map(({ targetGroupArn }) => ({ targetGroupArn, id: '127.0.0.1', port }));

/** Its program is gone, or never came. */
const noteEnd = (state: State, key: string, why: Partial<Task>): void => {
  const standing = state.tasks.get(key);
  if (standing === undefined || isStopped(standing)) return;
  const service = serviceOf(state, standing);
  for (const address of service ? addressesOf(service, standing) : []) state.targets.forget(address);
  state.running.delete(key);
  const left = state.leaving.delete(key);
  state.tasks.change(key, { lastStatus: 'STOPPED', stoppedAtMs: state.context.clock.nowMs(), port: undefined, ...why });
  if (service === undefined || state.stopped) return;
  if (standing.healthy || left) converge(state, serviceKey(service.clusterArn, service.name));
  else noteFailure(state, standing);
};

const stopTask = async (state: State, task: Task, why: Pick<Task, 'stopCode' | 'stoppedReason'>): Promise<void> => {
  const key = keyOf(task);
  const program = state.running.get(key);
  if (state.leaving.has(key)) return;
  state.leaving.add(key);
  state.tasks.change(key, why);
  const service = serviceOf(state, task);
  const { container } = requireDefinition(state.tables, task.taskDefinitionArn);
  await Promise.all((service ? addressesOf(service, task) : []).map((address) => state.targets.drain(address)));
  program?.stop(container.stopTimeoutSeconds * 1_000);
  await program?.exited;
  noteEnd(state, key, why);
};

/** Registers a task with its target groups and waits until they take it. @returns whether all did */
const isTaken = async (state: State, service: Service, task: Task): Promise<boolean> => {
  const key = keyOf(task);
  const isWanted = (): boolean => {
    const now = state.tables.services.get(serviceKey(service.clusterArn, service.name));
    return state.running.has(key) && !state.leaving.has(key) && !state.stopped && (now?.desiredCount ?? 0) > 0;
  };
  const addresses = addressesOf(service, task);
  for (const address of addresses) state.targets.register(address);
  const taken = await Promise.all(addresses.map((address) => state.targets.untilHealthy(address, isWanted)));
  return taken.every(Boolean) && isWanted();
};

const launch = async (state: State, service: Service): Promise<void> => {
  const { context, tables, tasks, runner } = state;
  const opened = tasks.open(service);
  const key = keyOf(opened);
  try {
    const program = await runner.start(opened.id, requireDefinition(tables, opened.taskDefinitionArn));
    const started = { lastStatus: 'RUNNING', startedAtMs: context.clock.nowMs(), port: program.port } as const;
    const task = tasks.change(key, started);
    if (task === undefined || state.stopped) {
      // It was stopped while its program was being started.
      program.kill();
      return;
    }
    state.running.set(key, program);
    void program.exited.then(({ code, startError }) => {
      const own = {
        stopCode: 'EssentialContainerExited',
        stoppedReason: 'Essential container in task exited',
      } as const;
      const failed = { stopCode: 'TaskFailedToStart', stoppedReason: startError ?? '' } as const;
      const why = tasks.get(key)?.stopCode === undefined ? (startError === undefined ? own : failed) : {};
      noteEnd(state, key, { ...why, ...(code === undefined ? {} : { exitCode: code }) });
    });
    if (await isTaken(state, service, task)) {
      tasks.change(key, { healthy: true });
      changeDeployment(state, serviceKey(service.clusterArn, service.name), opened.deploymentId, {
        failedTaskCount: 0,
      });
    } else if (state.running.has(key) && !state.leaving.has(key)) {
      program.kill();
      await program.exited;
      noteEnd(state, key, { stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed ELB health checks' });
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    noteEnd(state, key, { stopCode: 'TaskFailedToStart', stoppedReason: error.message });
  }
};

const SCHEDULED = {
  stopCode: 'ServiceSchedulerInitiated',
  stoppedReason: 'Scaling activity initiated by deployment',
} as const;

const times = <T>(count: number, make: () => T): T[] => Array.from({ length: Math.max(0, count) }, make);

/** One look at a service, and what it takes. @returns whether there is more to do */
const round = async (state: State, key: string): Promise<boolean> => {
  const service = state.tables.services.get(key);
  if (service === undefined) return false;
  const { deployment } = service;
  const desired = service.status === 'ACTIVE' ? service.desiredCount : 0;
  const live = state.tasks.live(service).filter((task) => !state.leaving.has(keyOf(task)));
  const current = live.filter(({ deploymentId }) => deploymentId === deployment.id);
  const stopAll = (tasks: readonly Task[]) => Promise.all(tasks.map((task) => stopTask(state, task, SCHEDULED)));
  // After a failure the next task waits for its time: see `noteFailure`.
  if (current.length < desired) {
    if (deployment.rolloutState === 'FAILED') return false;
    await Promise.all(times(desired - current.length, () => launch(state, service)));
    const after = state.tables.services.get(key);
    return after?.deployment.id !== deployment.id || after.deployment.failedTaskCount === 0;
  }
  await stopAll(current.slice(desired));
  await stopAll(live.filter(({ deploymentId }) => deploymentId !== deployment.id));
  // One that was given up stays so, however few tasks are wanted of it since.
  if (deployment.rolloutState === 'FAILED') return false;
  const rolloutStateReason = `ECS deployment ${deployment.id} completed.`;
  changeDeployment(state, key, deployment.id, { rolloutState: 'COMPLETED', rolloutStateReason });
  return false;
};

/** Rounds of one loop: each follows a change, so that this many in a row are a mistake. */
const MOST_ROUNDS = 1_000;

const runLoop = async (state: State, key: string, loop: Loop): Promise<void> => {
  for (let count = 0; count < MOST_ROUNDS && !state.stopped; count += 1) {
    loop.again = false;
    const more = await round(state, key);
    if (!more && !loop.again) break;
  }
  state.loops.delete(key);
};

const converge = (state: State, key: string): void => {
  if (state.stopped) return;
  const standing = state.loops.get(key);
  if (standing !== undefined) {
    standing.again = true;
    return;
  }
  const loop: Loop = { again: false };
  state.loops.set(key, loop);
  void state.context.clock
    .during(`service ${key}`, () => runLoop(state, key, loop))
    .catch((error: unknown) => {
      state.loops.delete(key);
      state.context.ports.log({ level: 'error', message: `service ${key} failed: ${String(error)}` });
    });
};

export const createServiceScheduler = (deps: Deps): ServiceScheduler => {
  const state: State = { ...deps, running: new Map(), leaving: new Set(), loops: new Map(), stopped: false };
  return {
    converge: (key) => converge(state, key),
    stopTask: (task, why) => stopTask(state, task, why),
    resume: () => {
      const nowMs = deps.context.clock.nowMs();
      for (const [key, service] of deps.tables.services.entries()) {
        for (const task of deps.tasks.live(service)) {
          for (const address of addressesOf(service, task)) deps.targets.forget(address);
          const lost = { stopCode: 'TaskFailedToStart', stoppedReason: LOST_REASON, stoppedAtMs: nowMs } as const;
          deps.tasks.change(keyOf(task), { lastStatus: 'STOPPED', port: undefined, ...lost });
        }
        if (service.status === 'ACTIVE' && service.desiredCount > 0) converge(state, key);
      }
    },
    stop: async () => {
      state.stopped = true;
      const programs = [...state.running.values()];
      for (const program of programs) program.stop(END_GRACE_MS);
      await Promise.all(programs.map(({ exited }) => exited));
    },
  };
};
