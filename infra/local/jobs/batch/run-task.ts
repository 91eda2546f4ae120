import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalClock } from '../../contracts.ts';
import type { ChildRegistry } from '../child-registry.ts';
import type { JobHold } from '../job-hold.ts';
import { type LocalImages, requireImage } from '../local-images.ts';
import { type RunningProcess, runProcess } from '../run-process.ts';
import type { ContainerResult, ContainerSpec, TaskSpec } from './records.ts';

/** One attempt of a job: its containers as child processes around shared folders. */
export interface TaskRequest {
  readonly spec: TaskSpec;
  readonly images: LocalImages;
  readonly environment: Readonly<Record<string, string>>;
  readonly logStream: (containerName: string) => string;
  readonly onLine: (container: ContainerSpec, line: string) => void;
  readonly stopGraceMs: number;
  readonly clock: LocalClock;
  readonly children: ChildRegistry;
  readonly hold: JobHold;
}

export interface TaskResult {
  readonly containers: readonly ContainerResult[];
  readonly succeeded: boolean;
  readonly statusReason: string;
}

export interface RunningTask {
  readonly done: Promise<TaskResult>;
  stop(reason: string): void;
  /** Kills what runs, without a word: a lack of memory, say. */
  kill(): void;
}

/** The prefix that a training container's contract stands on. */
const ML_PREFIX = '/opt/ml';

type Phase = 'waiting' | 'running' | 'ended';

interface Member {
  readonly spec: ContainerSpec;
  phase: Phase;
  result: ContainerResult;
  process?: RunningProcess;
}

/** Replaces the paths of mounts in a text by where they lie here: without a container there is no other root. */
export const moveMounts = (
  text: string,
  mounts: readonly (readonly [containerPath: string, folder: string])[],
): string =>
  mounts.reduce((moved, [containerPath, folder]) => {
    const escaped = containerPath.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return moved.replace(new RegExp(`(?<![\\w./-])${escaped}(?=$|[^\\w.-])`, 'g'), () => folder);
  }, text);

/** `Ref::name` in a command is a parameter of the job. */
const fillParameter = (part: string, parameters: Readonly<Record<string, string>>): string => {
  const name = /^Ref::(.+)$/.exec(part)?.[1];
  return name === undefined ? part : (parameters[name] ?? part);
};

interface Attempt {
  readonly request: TaskRequest;
  readonly root: string;
  readonly members: readonly Member[];
  stopReason: string | undefined;
  readonly changed: { notify: () => void };
}

const startMember = (attempt: Attempt, member: Member): void => {
  const { request, root } = attempt;
  const { spec } = member;
  const mounts = spec.mounts.map(
    ({ containerPath, volume }) => [containerPath, join(root, 'volumes', volume)] as const,
  );
  const mlRoot = mounts.find(([containerPath]) => containerPath === ML_PREFIX)?.[1];
  const variables = Object.entries(spec.environment).map(([name, value]) => [name, moveMounts(value, mounts)]);
  const given = spec.command.map((part) => moveMounts(fillParameter(part, request.spec.parameters), mounts));
  member.phase = 'running';
  const end = (result: Partial<ContainerResult>): void => {
    member.phase = 'ended';
    member.result = { ...member.result, ...result };
    attempt.changed.notify();
  };
  if (spec.resources.GPU !== undefined) {
    request.onLine(spec, `${spec.resources.GPU} GPU requested, none is used here: the program runs on the CPU`);
  }
  try {
    const process = runProcess({
      image: requireImage(request.images, spec.image),
      arguments: given,
      clock: request.clock,
      children: request.children,
      ...(mlRoot === undefined ? {} : { root: mlRoot }),
      cwd: join(root, 'containers', spec.name),
      env: {
        ...request.environment,
        ...Object.fromEntries(variables),
        ...(mlRoot === undefined ? {} : { MILLRACE_ML_ROOT: mlRoot }),
      },
      onLine: (line) => request.onLine(spec, line),
    });
    member.process = process;
    void process.exited.then(({ code, signal, startError }) => {
      // 128 + signal, as a container runtime reports it.
      if (code !== undefined) end({ exitCode: code });
      else if (startError !== undefined) end({ reason: `CannotStartContainerError: ${startError}` });
      else end({ exitCode: signal === 'SIGKILL' ? 137 : 143 });
    });
  } catch (error) {
    end({ reason: (error as Error).message });
  }
};

const succeeded = (member: Member): boolean => member.phase === 'ended' && member.result.exitCode === 0;

type Readiness = 'ready' | 'not yet' | 'never';

const readiness = (member: Member, members: readonly Member[]): Readiness => {
  let ready: Readiness = 'ready';
  for (const { containerName, condition } of member.spec.dependsOn) {
    const other = members.find(({ spec }) => spec.name === containerName);
    if (!other) return 'never';
    if (condition === 'SUCCESS' && other.phase === 'ended' && !succeeded(other)) return 'never';
    const met = condition === 'START' ? other.phase !== 'waiting' : other.phase === 'ended';
    if (!met) ready = 'not yet';
  }
  return ready;
};

/** Starts what may start. @returns a container that can never start. */
const startReady = (attempt: Attempt): Member | undefined => {
  // A start may be what an earlier container in the list waits for: as many looks as there are containers.
  for (let look = 0; look < attempt.members.length; look += 1) {
    for (const member of attempt.members) {
      if (member.phase !== 'waiting' || attempt.stopReason !== undefined) continue;
      const ready = readiness(member, attempt.members);
      if (ready === 'never') return member;
      if (ready === 'ready') startMember(attempt, member);
    }
  }
  return undefined;
};

const stopMembers = (attempt: Attempt, reason: string): void => {
  attempt.stopReason ??= reason;
  for (const { process, phase } of attempt.members) {
    if (phase === 'running') process?.stop(attempt.request.stopGraceMs);
  }
};

const ESSENTIAL_ENDED = 'Essential container in task exited';

/** Starts and stops containers until none runs: the end of an essential one ends all. */
const drive = async (attempt: Attempt): Promise<void> => {
  const { members } = attempt;
  // Each round follows the start or the end of a container, or a stop.
  for (;;) {
    const waiting = new Promise<void>((resolve) => {
      attempt.changed.notify = resolve;
    });
    const blocked = startReady(attempt);
    if (blocked)
      stopMembers(attempt, `Container ${blocked.spec.name} cannot start: a container that it depends on failed`);
    if (members.some(({ spec, phase }) => spec.essential && phase === 'ended')) stopMembers(attempt, ESSENTIAL_ENDED);
    const running = members.some(({ phase }) => phase === 'running');
    const toStart = attempt.stopReason === undefined && members.some(({ phase }) => phase === 'waiting');
    if (!running && !toStart) return;
    await attempt.request.hold.aside(() => waiting);
  }
};

const resultOf = (attempt: Attempt): TaskResult => {
  const essential = attempt.members.filter(({ spec }) => spec.essential);
  const ended = attempt.stopReason === undefined || attempt.stopReason === ESSENTIAL_ENDED;
  return {
    containers: attempt.members.map(({ result }) => result),
    // Essential containers that were stopped because another essential one had ended do not fail the job.
    succeeded: ended && essential.some(succeeded) && essential.every((m) => succeeded(m) || m.result.exitCode === 143),
    statusReason: attempt.stopReason ?? ESSENTIAL_ENDED,
  };
};

export const runTask = (request: TaskRequest): RunningTask => {
  let attempt: Attempt | undefined;
  let early: string | undefined;
  const run = async (): Promise<TaskResult> => {
    const root = await mkdtemp(join(tmpdir(), 'millrace-batch-'));
    try {
      for (const volume of request.spec.volumes) await mkdir(join(root, 'volumes', volume), { recursive: true });
      for (const { name } of request.spec.containers) await mkdir(join(root, 'containers', name), { recursive: true });
      const members = request.spec.containers.map(
        (spec): Member => ({
          spec,
          phase: 'waiting',
          result: { name: spec.name, logStreamName: request.logStream(spec.name) },
        }),
      );
      attempt = { request, root, members, stopReason: early, changed: { notify: () => {} } };
      await drive(attempt);
      return resultOf(attempt);
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  };
  return {
    done: run(),
    stop: (reason) => {
      early ??= reason;
      if (!attempt) return;
      stopMembers(attempt, reason);
      attempt.changed.notify();
    },
    kill: () => {
      for (const { process, phase } of attempt?.members ?? []) if (phase === 'running') process?.kill();
    },
  };
};
