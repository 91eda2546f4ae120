import { Buffer } from 'node:buffer';
import { MLMODEL_FILE, MODEL_FILE } from '../../../../shared/contracts/artifacts.ts';
import { MINUTE_MS } from '../../../../shared/kernel/time.ts';
import type { Scene } from '../../chaos/scenarios.ts';
import { answering } from '../../chaos/toy-trees.ts';
import type { TrackingCaller } from './tracking-caller.ts';

/** A model that no pipeline trained, by each of its doors, as far as a stage without data takes it in: it is checked. */

const MODEL = 'weir';
const MLMODEL = `flavors:\n  onnx:\n    data: ${MODEL_FILE}\n`;

/** @throws Error when it is answered otherwise. */
const ask = async ({ session }: Scene, path: string, expected: number, body?: object) => {
  const answer = await session.api.call('POST', `${session.urls.platform}/models/${MODEL}${path}`, body);
  if (answer.status === expected) return answer.body as Readonly<Record<string, string>>;
  throw new Error(`POST ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
};

/** A client logs a model, registers it, and somebody asks for its package once more. */
const registerModel = async (scene: Scene, { call }: TrackingCaller): Promise<void> => {
  const bytes = answering(1).get(MODEL_FILE) ?? new Uint8Array();
  const folder = 'drill/model';
  const files = [
    [MLMODEL_FILE, Buffer.from(MLMODEL)],
    [MODEL_FILE, bytes],
  ] as const;
  for (const [file, body] of files) {
    await call('PUT', `/api/2.0/mlflow-artifacts/artifacts/${folder}/${file}`, { body });
  }
  const source = `mlflow-artifacts:/${folder}`;
  const made = await call('POST', '/api/2.0/mlflow/model-versions/create', { json: { name: MODEL, source } });
  await ask(scene, `/versions/${made.textAt('model_version', 'version')}/package`, 202);
};

const uploadModel = async (scene: Scene, { follow }: TrackingCaller): Promise<void> => {
  const bytes = answering(2).get(MODEL_FILE) ?? new Uint8Array();
  const { uploadId, url = '' } = await ask(scene, '/uploads', 201, { sizeBytes: bytes.byteLength });
  await follow('PUT', url, bytes);
  await ask(scene, '/versions', 202, { uploadId });
};

/** The model must be registered. */
export const playClientModel = async (scene: Scene, caller: TrackingCaller): Promise<void> => {
  await registerModel(scene, caller);
  await uploadModel(scene, caller);
  await scene.session.cloud.clock.advanceBy(MINUTE_MS);
};
