import { createHash } from 'node:crypto';
import { MODEL_FILE, uploadKey } from '../../shared/contracts/artifacts.ts';
import type { ModelDefinition } from '../../shared/contracts/model-definition.ts';
import { inspectModel } from '../../shared/core/onnx/index.ts';
import { servingFaults } from '../../shared/core/packaging/index.ts';
import { InvalidRequestError, InvalidStateError } from '../../shared/kernel/errors.ts';
import { SECOND_MS } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** The stage that takes a model in. */
export interface UploadStage {
  readonly principal: string;
  readonly artifacts: Pick<ArtifactStore, 'putIfAbsent'>;
  /** Starts the workflow once by this name; started before, it is left as it is. */
  readonly start: (name: string, input: object) => Promise<'started' | 'exists'>;
  /** How the workflow's execution stands. */
  readonly describe: (name: string) => Promise<{
    readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED';
    readonly output?: { readonly passed: boolean; readonly outcome: string };
    readonly failure?: string;
  }>;
  readonly findVersion: (model: string, runId: string) => Promise<number | undefined>;
  readonly wait: (ms: number) => Promise<void>;
}

export interface Upload {
  readonly model: string;
  readonly bytes: Uint8Array;
  /** From 1: the same file is taken in once by each attempt. */
  readonly attempt: number;
  readonly tell: (progress: string) => void;
}

const ID_LENGTH = 32;
const POLL_MS = 2 * SECOND_MS;
/** An hour: building features and judging take minutes. */
const MOST_POLLS = 1_800;

const uploadIdOf = (bytes: Uint8Array, attempt: number): string => {
  const digest = createHash('sha256').update(bytes).digest('hex');
  const id = attempt === 1 ? digest : createHash('sha256').update(`${digest} ${attempt}`).digest('hex');
  return id.slice(0, ID_LENGTH);
};

/**
 * Inspects the file here, before anything is sent.
 * @returns what it is, for a person.
 * @throws InvalidRequestError with every reason why it cannot be served.
 */
export const inspectUpload = (definition: ModelDefinition, bytes: Uint8Array): string => {
  const onnx = inspectModel(bytes);
  const faults = servingFaults(onnx, definition.features);
  if (faults.length > 0) throw new InvalidRequestError(`${MODEL_FILE} cannot be served: ${faults.join('; ')}`);
  return `inspected: ${onnx.nodeCount} nodes, ${onnx.inputs.length} inputs, ${bytes.byteLength} bytes`;
};

/**
 * Brings a model that was trained elsewhere into a stage, where it is checked, judged, profiled and registered. Done
 * again with the same file it tells what became of it.
 * @returns the version, or why the quality gate refused it.
 * @throws InvalidStateError with the reason why the stage refused it.
 */
export const uploadModel = async (
  { model, bytes, attempt, tell }: Upload,
  stage: UploadStage,
): Promise<{ readonly passed: boolean; readonly outcome: string; readonly version?: number }> => {
  const uploadId = uploadIdOf(bytes, attempt);
  await stage.artifacts.putIfAbsent(uploadKey(model, uploadId), bytes);
  const name = `upload-${uploadId}`;
  const cause = { kind: 'upload', principal: stage.principal, uploadId };
  const started = await stage.start(name, { model, uploadId, cause });
  tell(started === 'started' ? `uploaded, ${name} is at work` : `${name} took this file in before`);
  for (let poll = 0; poll < MOST_POLLS; poll += 1) {
    const { status, output, failure = '' } = await stage.describe(name);
    if (status === 'FAILED') {
      throw new InvalidStateError(
        `${name} failed: ${failure}; once that is mended, try again with --attempt ${attempt + 1}`,
      );
    }
    if (status === 'SUCCEEDED' && output !== undefined) {
      const version = output.passed ? await stage.findVersion(model, name) : undefined;
      return { ...output, ...(version === undefined ? {} : { version }) };
    }
    await stage.wait(POLL_MS);
  }
  throw new InvalidStateError(`${name} still runs after an hour: its run says more`);
};
