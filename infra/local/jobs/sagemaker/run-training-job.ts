import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AwsError } from '../../contracts.ts';
import type { ChildRegistry } from '../child-registry.ts';
import { jobEnvironment } from '../job-environment.ts';
import { holdForJob, type JobHold, MACHINE_HOLD } from '../job-hold.ts';
import { beginJobTime, type JobTime } from '../job-time.ts';
import { type LocalImages, requireImage } from '../local-images.ts';
import { type ProcessExit, type RunningProcess, runProcess } from '../run-process.ts';
import {
  downloadPrefix,
  listFiles,
  parseS3Uri,
  type S3Access,
  type S3Location,
  uploadFile,
  uploadFolder,
} from '../s3-transfer.ts';
import { tarFolder } from '../tar.ts';
import { requireRunning } from './access.ts';
import { changeJob, type JobLogDeps, takeLine } from './job-log.ts';
import { type MlRoot, mlRoot, movedPath, prepareMlRoot, readFailure, trainingVariables } from './opt-ml.ts';
import type { TrainingJobRecord, TrainingJobStatus } from './records.ts';

export interface TrainingDeps extends JobLogDeps {
  readonly images: LocalImages;
  readonly children: ChildRegistry;
  /** How long a program may take to end after SIGTERM: 120 s on AWS. */
  readonly stopGraceMs: number;
  /** Milliseconds after which a spot instance is taken away, by attempt; undefined leaves it. */
  readonly interruptAfterMs: (jobName: string, attempt: number) => number | undefined;
}

/** Why a program was told to end. */
type StopCause = 'stopped' | 'max-runtime' | 'max-wait' | 'interrupted' | 'shutdown';

export const LOST_REASON = 'InternalServerError: the embedded cloud ended while the job ran';
/** The cloud itself is ending: a program gets less time than AWS would give it. */
const SHUTDOWN_GRACE_MS = 5_000;

/** A job that runs; `stop` may come at any time. */
export interface RunningJob {
  stop(cause: StopCause): void;
  readonly done: Promise<void>;
}

interface Session {
  readonly deps: TrainingDeps;
  readonly record: TrainingJobRecord;
  readonly root: MlRoot;
  readonly access: S3Access;
  readonly metrics: Map<string, { value: number; atMs: number }>;
  readonly time: JobTime;
  readonly hold: JobHold;
  stopCause?: StopCause | undefined;
  process?: RunningProcess | undefined;
}

/** Checkpoints go up this often, in the job's time, while the program runs. */
const CHECKPOINT_SYNC_MS = 5_000;
/** A job that is taken away again and again ends at MaxWaitTime; this is the second fence. */
const ATTEMPT_LIMIT = 100;

const location = (uri: string): S3Location => {
  const parsed = parseS3Uri(uri);
  if (!parsed) throw new Error(`${uri} is not an s3:// URI`);
  return parsed;
};

const downloadChannels = async ({ record, root, access }: Session): Promise<void> => {
  for (const { name, s3Uri } of record.request.channels) {
    const count = await downloadPrefix(access, location(s3Uri), root.channel(name));
    if (count > 0) continue;
    throw new AwsError(
      'ClientError',
      `ClientError: Data download failed: no S3 objects found under S3 URL "${s3Uri}" given in input data source of channel ${name}`,
    );
  }
};

const syncCheckpoints = (session: Session): { readonly end: () => Promise<void> } => {
  const { checkpoint } = session.record.request;
  if (!checkpoint) return { end: async () => {} };
  const folder = movedPath(session.root, checkpoint.localPath);
  const known = new Map<string, string>();
  let running = Promise.resolve();
  const sync = (): void => {
    running = running
      .then(() => uploadFolder(session.access, folder, location(checkpoint.s3Uri), known))
      .then(() => undefined)
      .catch((error: unknown) =>
        session.deps.context.ports.log({
          level: 'warn',
          message: 'checkpoints could not be stored',
          error: String(error),
        }),
      );
  };
  const again = (): (() => void) =>
    session.time.after(CHECKPOINT_SYNC_MS, () => {
      sync();
      cancel = again();
    });
  let cancel = again();
  return {
    end: async () => {
      cancel();
      sync();
      await running;
    },
  };
};

/** @returns what cancels it */
const stopAfter = (session: Session, cause: StopCause, ms: number | undefined): (() => void) =>
  ms === undefined ? () => {} : session.time.after(ms, () => stopSession(session, cause));

/** What is injected into an attempt. @returns what cancels it */
const injectFault = (session: Session, attempt: number): (() => void) => {
  const { deps, record } = session;
  const { name, spot } = record.request;
  const fault = deps.context.faults.job({ service: 'sagemaker', jobName: name, attempt });
  if (fault?.kind === 'kill') return session.time.after(fault.afterMs, () => session.process?.kill());
  // On-demand instances are not taken away.
  const injected = fault?.kind === 'spot-interruption' ? fault.afterMs : undefined;
  return stopAfter(session, 'interrupted', spot ? (injected ?? deps.interruptAfterMs(name, attempt)) : undefined);
};

const stopSession = (session: Session, cause: StopCause): void => {
  session.stopCause ??= cause;
  session.process?.stop(cause === 'shutdown' ? SHUTDOWN_GRACE_MS : session.deps.stopGraceMs);
};

/** Runs the program once. @returns how it ended. */
const runAttempt = async (
  session: Session,
  attempt: number,
  variables: Readonly<Record<string, string>>,
): Promise<ProcessExit> => {
  const { deps, record, root } = session;
  const { request } = record;
  const image = requireImage(deps.images, request.image);
  // The local command stands for the image's ENTRYPOINT, which SageMaker runs with the argument `train`.
  const program = request.entrypoint
    ? { image: request.entrypoint, arguments: request.arguments }
    : { image, arguments: ['train', ...request.arguments] };
  const running = runProcess({
    ...program,
    clock: deps.context.clock,
    children: deps.children,
    cwd: root.path,
    env: variables,
    onLine: (line) => {
      for (const [name, value] of takeLine(deps, record, line)) {
        session.metrics.set(name, { value, atMs: deps.context.clock.nowMs() });
      }
    },
  });
  session.process = running;
  if (session.stopCause) running.stop(deps.stopGraceMs);
  const left = (request.maxWaitSeconds ?? 0) * 1000 - session.time.elapsedMs();
  const cancels = [
    stopAfter(session, 'max-runtime', request.maxRuntimeSeconds * 1000),
    stopAfter(session, 'max-wait', request.maxWaitSeconds === undefined ? undefined : left),
    injectFault(session, attempt),
  ];
  const checkpoints = syncCheckpoints(session);
  try {
    return await session.hold.aside(() => running.exited);
  } finally {
    for (const cancel of cancels) cancel();
    session.process = undefined;
    await checkpoints.end();
  }
};

/** Runs the program until it ends by itself or for good: a spot interruption starts it again from its checkpoints. */
const train = async (session: Session): Promise<ProcessExit> => {
  const { deps, record, root, access } = session;
  const { request } = record;
  const { context } = deps;
  const variables = {
    ...(await jobEnvironment(context, request.roleArn, request.name)),
    ...trainingVariables(root, request, record.arn),
  };
  for (let attempt = 1; attempt <= ATTEMPT_LIMIT; attempt += 1) {
    if (request.checkpoint) {
      await downloadPrefix(access, location(request.checkpoint.s3Uri), movedPath(root, request.checkpoint.localPath));
    }
    const message =
      attempt === 1
        ? 'Training image download completed. Training in progress.'
        : 'Training resumed after an interruption.';
    changeJob(
      deps,
      request.name,
      { secondaryStatus: 'Training', ...(attempt === 1 ? { trainingStartMs: context.clock.nowMs() } : {}) },
      message,
    );
    const exit = await runAttempt(session, attempt, variables);
    if (session.stopCause !== 'interrupted' || exit.code === 0) return exit;
    session.stopCause = undefined;
    changeJob(deps, request.name, { secondaryStatus: 'Interrupted' }, 'The spot instance was taken away.');
    changeJob(deps, request.name, { secondaryStatus: 'Restarting' }, 'Starting again from the checkpoints.');
  }
  throw new AwsError('InternalServerError', `the job was interrupted ${ATTEMPT_LIMIT} times`);
};

const uploadModel = async ({ record, root, access }: Session): Promise<string> => {
  const { name, outputUri, compressed } = record.request;
  const { bucket, key } = location(outputUri);
  const prefix = `${key.replace(/\/$/, '')}${key === '' ? '' : '/'}${name}/output`;
  if ((await listFiles(root.outputData)).length > 0) {
    if (compressed)
      await uploadFile(access, { bucket, key: `${prefix}/output.tar.gz` }, await tarFolder(join(root.path, 'output')));
    else await uploadFolder(access, root.outputData, { bucket, key: `${prefix}/data` });
  }
  if (!compressed) {
    await uploadFolder(access, root.model, { bucket, key: `${prefix}/model` });
    return `s3://${bucket}/${prefix}/model/`;
  }
  await uploadFile(access, { bucket, key: `${prefix}/model.tar.gz` }, await tarFolder(root.model));
  return `s3://${bucket}/${prefix}/model.tar.gz`;
};

interface Ending {
  readonly status: TrainingJobStatus;
  readonly secondaryStatus: string;
  readonly failureReason?: string;
  readonly message: string;
}

const STOPS: Readonly<Record<Exclude<StopCause, 'interrupted'>, Ending>> = {
  shutdown: { status: 'Failed', secondaryStatus: 'Failed', failureReason: LOST_REASON, message: LOST_REASON },
  stopped: { status: 'Stopped', secondaryStatus: 'Stopped', message: 'Training job stopped' },
  'max-runtime': {
    status: 'Stopped',
    secondaryStatus: 'MaxRuntimeExceeded',
    message: 'Training job runtime exceeded MaxRuntimeInSeconds provided',
  },
  'max-wait': {
    status: 'Stopped',
    secondaryStatus: 'MaxWaitTimeExceeded',
    message: 'Training job wait time exceeded MaxWaitTimeInSeconds provided',
  },
};

const endingOf = async (session: Session, exit: ProcessExit): Promise<Ending> => {
  const { stopCause } = session;
  if (stopCause !== undefined && stopCause !== 'interrupted') return STOPS[stopCause];
  if (exit.code === 0) return { status: 'Completed', secondaryStatus: 'Completed', message: 'Training job completed' };
  const how = exit.startError ?? (exit.code === undefined ? `signal ${exit.signal}` : `exit code: ${exit.code}`);
  const written = await readFailure(session.root);
  const failureReason = `AlgorithmError: ${written === undefined || written === '' ? '' : `${written}, `}${how}`;
  return { status: 'Failed', secondaryStatus: 'Failed', failureReason, message: failureReason };
};

const runSession = async (session: Session): Promise<void> => {
  const { deps, record, metrics } = session;
  const { name, instanceType } = record.request;
  const { clock } = deps.context;
  changeJob(deps, name, { secondaryStatus: 'Starting' }, 'Starting the training job');
  takeLine(deps, record, `${instanceType} is not available here: the job runs on this machine's CPU`);
  requireImage(deps.images, record.request.image);
  requireRunning(deps.context, record);
  await prepareMlRoot(session.root, record.request);
  changeJob(deps, name, { secondaryStatus: 'Downloading' }, 'Downloading input data');
  await downloadChannels(session);
  const trainingFrom = session.time.elapsedMs();
  const exit = await train(session);
  // The next process takes a spot job up again, whether this one was stopped or killed.
  if (session.stopCause === 'shutdown' && record.request.spot) return;
  const trainingSeconds = Math.max(1, Math.round((session.time.elapsedMs() - trainingFrom) / 1000));
  changeJob(deps, name, {
    finalMetrics: Object.fromEntries(metrics),
    trainingSeconds,
    billableSeconds: trainingSeconds,
  });
  const ending = await endingOf(session, exit);
  let modelArtifacts: string | undefined;
  if (ending.status !== 'Failed') {
    changeJob(deps, name, { secondaryStatus: 'Uploading' }, 'Uploading generated training model');
    modelArtifacts = await uploadModel(session);
  }
  const { message, ...change } = ending;
  const artifacts = modelArtifacts === undefined ? {} : { modelArtifacts };
  changeJob(deps, name, { ...change, ...artifacts, trainingEndMs: clock.nowMs() }, message);
};

/** Runs a job to its end. The clock is held, unless the program lives in its time. Never rejects. */
export const runTrainingJob = (deps: TrainingDeps, record: TrainingJobRecord): RunningJob => {
  let session: Session | undefined;
  let earlyStop: StopCause | undefined;
  const run = async (hold: JobHold): Promise<void> => {
    const path = await mkdtemp(join(tmpdir(), 'millrace-training-'));
    const access = { ports: deps.context.ports, roleArn: record.request.roleArn };
    // An entry point of the request's own is a command, whatever stands for the image.
    const time = beginJobTime(deps.context.clock, [record.request.entrypoint ?? deps.images[record.request.image]]);
    const current: Session = {
      deps,
      record,
      root: mlRoot(path),
      access,
      metrics: new Map(),
      time,
      hold: time.isVirtual ? hold : MACHINE_HOLD,
      stopCause: earlyStop,
    };
    session = current;
    try {
      await runSession(current);
    } catch (error) {
      const failureReason = error instanceof AwsError ? error.message : `InternalServerError: ${String(error)}`;
      const change = {
        status: 'Failed',
        secondaryStatus: 'Failed',
        failureReason,
        trainingEndMs: deps.context.clock.nowMs(),
      } as const;
      changeJob(deps, record.request.name, change, failureReason);
    } finally {
      await rm(path, { recursive: true, force: true });
    }
  };
  return {
    stop: (cause) => {
      if (session) stopSession(session, cause);
      else earlyStop ??= cause;
    },
    done: holdForJob(deps.context.clock, `training job ${record.request.name}`, run),
  };
};
