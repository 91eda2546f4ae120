import type { Fields } from '../../shared/contracts/http/mlflow/fields.ts';
import { missingParameter } from '../../shared/contracts/http/mlflow/fields.ts';
import { joinArtifactPath, localFileName } from '../../shared/core/artifacts/index.ts';
import type { HttpResponse } from '../../shared/http/index.ts';
import type { UploadedPart } from '../../shared/ports/tracking-artifacts.ts';
import { encodeFiles } from './encode-artifact.ts';
import type { MlflowAnswer, MlflowCall, MlflowRoute } from './mlflow-route.ts';
import { redirect } from './redirect.ts';

/**
 * Artifacts by path, as clients of `mlflow-artifacts:` URIs read and write them. Reads are sent on to S3 whatever their
 * size: what comes through API Gateway and Lambda is dearer, and cut at 6 MB.
 */

const pathOf = ({ parameters }: MlflowCall): string => parameters.path ?? '';

const put = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { body, headers } = call.request;
  await call.ports.artifacts.put(pathOf(call), body, headers['content-type']);
  return {};
};

const get = async (call: MlflowCall): Promise<HttpResponse> => {
  const { artifacts } = call.ports;
  const path = pathOf(call);
  await artifacts.describe(path);
  return redirect(307, await artifacts.downloadUrl(path));
};

const remove = async (call: MlflowCall): Promise<MlflowAnswer> => {
  await call.ports.artifacts.delete(pathOf(call));
  return {};
};

const list = async ({ input, ports }: MlflowCall): Promise<MlflowAnswer> => ({
  ...encodeFiles(await ports.artifacts.list(input.text('path') ?? '')),
});

const presigned = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { artifacts } = call.ports;
  const path = pathOf(call);
  const { sizeBytes } = await artifacts.describe(path);
  return { url: await artifacts.downloadUrl(path), headers: {}, file_size: sizeBytes };
};

/** The file has the name that it has on the client's disk, below the directory in the request's path. */
const uploadPath = (call: MlflowCall): string =>
  joinArtifactPath(pathOf(call), localFileName(call.input.requiredText('path')));

const createUpload = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const { uploadId, partUrls } = await call.ports.artifacts.createUpload(
    uploadPath(call),
    call.input.integer('num_parts') ?? 1,
  );
  const credentials = partUrls.map((url, index) => ({ url, part_number: index + 1, headers: {} }));
  return { upload_id: uploadId, credentials };
};

const decodePart = (part: Fields): UploadedPart => ({
  partNumber: part.requiredInteger('part_number'),
  etag: part.requiredText('etag'),
});

const completeUpload = async (call: MlflowCall): Promise<MlflowAnswer> => {
  const parts = call.input.objects('parts').map(decodePart);
  if (parts.length === 0) throw missingParameter('parts');
  await call.ports.artifacts.completeUpload(uploadPath(call), call.input.requiredText('upload_id'), parts);
  return {};
};

const abortUpload = async (call: MlflowCall): Promise<MlflowAnswer> => {
  await call.ports.artifacts.abortUpload(uploadPath(call), call.input.requiredText('upload_id'));
  return {};
};

const ROOT = '/2.0/mlflow-artifacts';

export const artifactRoutes: readonly MlflowRoute[] = [
  { method: 'GET', path: `${ROOT}/artifacts`, handle: list },
  { method: 'PUT', path: `${ROOT}/artifacts/{path+}`, rawBody: true, handle: put },
  { method: 'GET', path: `${ROOT}/artifacts/{path+}`, handle: get },
  { method: 'DELETE', path: `${ROOT}/artifacts/{path+}`, rawBody: true, handle: remove },
  { method: 'GET', path: `${ROOT}/presigned/{path+}`, handle: presigned },
  { method: 'POST', path: `${ROOT}/mpu/create/{path+}`, handle: createUpload },
  { method: 'POST', path: `${ROOT}/mpu/complete/{path+}`, handle: completeUpload },
  { method: 'POST', path: `${ROOT}/mpu/abort/{path+}`, handle: abortUpload },
];
