import { isoTime } from '../../kernel/time.ts';
import { mlflowSchema, type NamedTensor } from './mlflow-signature.ts';

export interface MlmodelContent {
  readonly modelDigest: string;
  readonly sizeBytes: number;
  /** The tracking run that made it; absent for a model that was brought. */
  readonly trackingRunId?: string;
  readonly createdAtMs: number;
  readonly onnxRelease: string;
  readonly inputs: readonly NamedTensor[];
  readonly outputs: readonly NamedTensor[];
  /** Name of the ONNX file beside it. */
  readonly modelFile: string;
}

const UUID_LENGTH = 32;

/** YAML's single-quoted style knows one escape. A line break would be folded: our texts have none (JSON escapes them). */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** `2001-02-18T00:00:00.000Z` in Python's words: microseconds, no zone. */
const pythonTime = (atMs: number): string => isoTime(atMs).replace('T', ' ').replace('Z', '000');

/**
 * The file by which MLflow's clients know how to load a model (https://mlflow.org/docs/latest/ml/model). The same model
 * of the same run gives the same bytes.
 */
export const writeMlmodel = (content: MlmodelContent): string => {
  const { modelDigest, trackingRunId, createdAtMs, onnxRelease, inputs, outputs, modelFile, sizeBytes } = content;
  const lines = [
    'flavors:',
    '  onnx:',
    '    code: null',
    `    data: ${quoted(modelFile)}`,
    `    onnx_version: ${quoted(onnxRelease)}`,
    '    providers:',
    '    - CPUExecutionProvider',
    '  python_function:',
    `    data: ${quoted(modelFile)}`,
    '    loader_module: mlflow.onnx',
    `model_size_bytes: ${sizeBytes}`,
    `model_uuid: ${quoted(modelDigest.slice(0, UUID_LENGTH))}`,
    ...(trackingRunId === undefined ? [] : [`run_id: ${quoted(trackingRunId)}`]),
    'signature:',
    `  inputs: ${quoted(mlflowSchema(inputs))}`,
    `  outputs: ${quoted(mlflowSchema(outputs))}`,
    '  params: null',
    `utc_time_created: ${quoted(pythonTime(createdAtMs))}`,
  ];
  return `${lines.join('\n')}\n`;
};
