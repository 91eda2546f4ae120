import { createBranchLedger } from './branch-ledger.ts';
import { type Definition, synthesisedWorkflow } from './synthesised-workflows.ts';
import { startWorkflows, type WorkflowFunction, type WorkflowResult, type Workflows } from './workflow.ts';

/** The training pipelines as the template deploys them, with functions that answer at once. */

export type TrainerKind = 'built-in' | 'sagemaker' | 'batch';

const IMAGE = `000000000000.dkr.ecr.us-east-1.amazonaws.com/trainer@sha256:${'a'.repeat(64)}`;
const TRAINERS = {
  'built-in': undefined,
  sagemaker: { kind: 'sagemaker', image: IMAGE, instanceType: 'ml.g5.xlarge' },
  batch: { kind: 'batch', image: IMAGE, gpus: 1 },
} as const;

export const DIGEST = 'd'.repeat(64);
export const CALLED = { model: 'flight-delay', cause: { kind: 'call', principal: 'ann', requestId: 'r-1' } };

export const PREPARATION = ['Own model?', 'Start run', 'Snapshot data', 'Build features'];

interface Call {
  readonly name: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface PipelineRun {
  readonly trainer?: TrainerKind;
  readonly job?: unknown;
  readonly functions?: Readonly<Record<string, WorkflowFunction>>;
  readonly input?: unknown;
  readonly call?: (service: string, action: string, parameters: never) => unknown;
}

/** The trainers differ in one state: the others are gone through once, with the built-in one. */
const isTrain = (state: string): boolean => state === 'Train';

const openPipeline = (trainer: TrainerKind) => {
  const given = TRAINERS[trainer];
  const definition: Definition =
    given === undefined ? synthesisedWorkflow('train-flight-delay') : synthesisedWorkflow('train-flight-delay', given);
  const ledger = given === undefined ? createBranchLedger(definition) : createBranchLedger(definition, isTrain);
  return { definition, ledger };
};

const answersOf = ({
  job = { kind: 'built-in' },
  functions,
}: PipelineRun): Readonly<Record<string, WorkflowFunction>> => ({
  'record-run': () => ({ runId: 'x' }),
  'snapshot-data': () => ({ snapshotId: DIGEST, objectCount: 3, sizeBytes: 9 }),
  'build-features': () => ({ trainedThroughMs: 77, job }),
  'estimate-retraining': () => ({ decision: 'retrain', reason: 'it is worth it', costUsd: 0.01 }),
  'train-model': ({ runId, phase }: { runId: string; phase: string }) => ({
    prefix: `runs/flight-delay/${runId}/${phase}/model/`,
  }),
  'collect-model': () => ({ modelDigest: DIGEST, rounds: 42 }),
  'evaluate-model': () => ({ passed: true, outcome: 'passed: loss 0.4', metrics: { holdoutLoss: 0.4 } }),
  'profile-model': () => ({ artifactPrefix: 'models/m/d/', modelDigest: DIGEST, manifestDigest: DIGEST }),
  'register-model-version': () => ({ version: 3 }),
  'decide-approval': () => ({ step: 'approve' }),
  ...functions,
});

/** The pipelines of one test file, of the trainers that it needs. */
export const openTrainingPipelines = (trainers: readonly TrainerKind[]) => {
  // At once: synthesising takes longer than a test may.
  const opened = new Map(trainers.map((trainer) => [trainer, openPipeline(trainer)]));
  const pipelineOf = (trainer: TrainerKind): ReturnType<typeof openPipeline> => {
    const found = opened.get(trainer);
    if (found === undefined) throw new Error(`the pipeline with the ${trainer} trainer is not open`);
    return found;
  };
  let workflows: Workflows | undefined;
  return {
    definitionOf: (trainer: TrainerKind): Definition => pipelineOf(trainer).definition,
    /** Ways of a pipeline that no run went. */
    unvisited: (trainer: TrainerKind): readonly string[] => pipelineOf(trainer).ledger.unvisited(),
    stop: async (): Promise<void> => {
      await workflows?.stop();
      workflows = undefined;
    },
    run: async (options: PipelineRun): Promise<{ result: WorkflowResult; calls: readonly Call[] }> => {
      const { definition, ledger } = pipelineOf(options.trainer ?? 'built-in');
      const calls: Call[] = [];
      const functions = Object.fromEntries(
        Object.entries(answersOf(options)).map(([name, answer]) => [
          name,
          (payload: never, before: number) => {
            calls.push({ name, payload });
            return answer(payload, before);
          },
        ]),
      );
      workflows = await startWorkflows({ functions, ...(options.call ? { call: options.call } : {}) });
      const machine = await workflows.create('train', definition);
      const execution = await workflows.start(machine, options.input ?? CALLED, 'call-1');
      const result = await workflows.finish(execution);
      ledger.note(result.history);
      return { result, calls };
    },
  };
};
