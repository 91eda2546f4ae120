import { createHash } from 'node:crypto';
import {
  METRICS_FILE,
  MODEL_FILE,
  runPrefix,
  SIGNATURE_FILE,
  SignatureSchema,
  TrainingMetricsSchema,
} from '../../shared/contracts/artifacts.ts';
import { COVERS_FILE } from '../../shared/contracts/explanation.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { bestRounds, CollectModelInput, phaseModelPrefix } from '../../shared/contracts/training-workflow.ts';
import { InvalidRequestError } from '../../shared/kernel/errors.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import { placeFiles, readCovers } from './place-files.ts';

interface Deps {
  readonly artifacts: Pick<ArtifactStore, 'list' | 'get' | 'put'>;
}

const LARGEST_MODEL_BYTES = 250 * 2 ** 20;
const FILES = [MODEL_FILE, SIGNATURE_FILE, METRICS_FILE] as const;

/**
 * Checks what a trainer left and brings it to the phase's own folder, whichever trainer it was. Run again it copies
 * the same bytes. `rounds` is what the trainer reports as its best round count, or null.
 */
export const createHandler =
  ({ artifacts }: Deps) =>
  async (event: unknown): Promise<{ readonly modelDigest: string; readonly rounds: number | null }> => {
    const { model, runId, phase, prefix } = parse(CollectModelInput, event);
    const run = runPrefix(model, runId);
    if (!prefix.startsWith(run)) throw new InvalidRequestError(`prefix must be within ${run}, got ${prefix}`);
    const sizes = new Map((await artifacts.list(prefix)).map(({ key, sizeBytes }) => [key, sizeBytes]));
    const missing = FILES.filter((file) => !sizes.has(`${prefix}${file}`));
    if (missing.length > 0) throw new InvalidRequestError(`the trainer left no ${missing.join(', ')} under ${prefix}`);
    const modelBytes = sizes.get(`${prefix}${MODEL_FILE}`) ?? 0;
    if (modelBytes > LARGEST_MODEL_BYTES) {
      throw new InvalidRequestError(
        `${MODEL_FILE} has ${modelBytes} bytes, at most ${LARGEST_MODEL_BYTES} are allowed`,
      );
    }
    const [onnx, signature, metrics] = await Promise.all([
      artifacts.get(`${prefix}${MODEL_FILE}`),
      artifacts.get(`${prefix}${SIGNATURE_FILE}`),
      artifacts.get(`${prefix}${METRICS_FILE}`),
    ]);
    parseJsonFile(SignatureSchema, signature, SIGNATURE_FILE);
    const reported = parseJsonFile(TrainingMetricsSchema, metrics, METRICS_FILE);
    const covers = sizes.has(`${prefix}${COVERS_FILE}`) ? await readCovers(artifacts, prefix) : undefined;
    const home = `${run}${phaseModelPrefix(phase)}`;
    const files = { [MODEL_FILE]: onnx, [SIGNATURE_FILE]: signature, [METRICS_FILE]: metrics, [COVERS_FILE]: covers };
    if (prefix !== home) await placeFiles(artifacts, home, files);
    const modelDigest = createHash('sha256').update(onnx).digest('hex');
    return { modelDigest, rounds: bestRounds(reported) };
  };
