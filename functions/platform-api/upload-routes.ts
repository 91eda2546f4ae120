import { submissionKey, uploadFaultsKey, uploadKey } from '../../shared/contracts/artifacts.ts';
import { definitionOf } from '../../shared/contracts/definitions.ts';
import { SubmissionBody, UploadBody, UploadIdParameter } from '../../shared/contracts/http/uploads.ts';
import { parseJsonFile, toJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { type Submission, SubmissionSchema, UploadFaultsSchema, uploadRunId } from '../../shared/contracts/uploads.ts';
import { describeUpload, LARGEST_MODEL_BYTES } from '../../shared/core/packaging/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { AlreadyExistsError, NotFoundError } from '../../shared/kernel/errors.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import type { PlatformDeps } from './routes.ts';
import { bodyOf, principalOf } from './write-routes.ts';

/** Bringing a model that was trained elsewhere: a URL for its file, its submission, and what became of it. */

const Body = UploadBody(LARGEST_MODEL_BYTES);

type Files = Pick<PlatformDeps, 'artifacts'>;

const readIfThere = async ({ artifacts }: Files, key: string): Promise<Uint8Array | undefined> => {
  try {
    return await artifacts.get(key);
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
};

const readSubmission = async (files: Files, key: string): Promise<Submission | undefined> => {
  const bytes = await readIfThere(files, key);
  return bytes === undefined ? undefined : parseJsonFile(SubmissionSchema, bytes, key);
};

const sameNotes = (a: Submission, b: Submission): boolean => {
  const textOf = ({ description, tags }: Submission): string =>
    JSON.stringify([description, Object.entries(tags).sort()]);
  return textOf(a) === textOf(b);
};

/**
 * Puts a submission on record, once.
 * @returns the one that stands.
 * @throws AlreadyExistsError when the upload was submitted with other words.
 */
const submit = async (files: Files, key: string, submission: Submission): Promise<Submission> => {
  if (await files.artifacts.putIfAbsent(key, toJsonFile(submission), 'application/json')) return submission;
  const standing = await readSubmission(files, key);
  if (standing !== undefined && sameNotes(standing, submission)) return standing;
  throw new AlreadyExistsError(
    `the upload was submitted before by ${standing?.principal ?? 'somebody'} with another description or other tags`,
  );
};

export const uploadRoutes = (deps: PlatformDeps): readonly Route[] => {
  const { definitions, registry, artifacts, uploads, events, clock } = deps;

  const begin: Route['handle'] = async (request, { model = '' }) => {
    const { sizeBytes } = parse(Body, bodyOf(request), 'body');
    definitionOf(definitions, model);
    const uploadId = uploads.newId();
    const { url, headers, expiresAtMs } = await uploads.sign(uploadKey(model, uploadId), sizeBytes);
    return jsonResponse(201, { model, uploadId, method: 'PUT', url, headers, expiresAt: isoTime(expiresAtMs) });
  };

  const register: Route['handle'] = async (request, { model = '' }) => {
    const { uploadId, description, tags } = parse(SubmissionBody, bodyOf(request), 'body');
    definitionOf(definitions, model);
    if (!(await artifacts.exists(uploadKey(model, uploadId)))) {
      throw new NotFoundError(
        `no file has come for upload ${uploadId} of ${model}: PUT it to the URL of POST /models/${model}/uploads first`,
      );
    }
    const submission = { schemaVersion: 1, principal: principalOf(request), submittedAtMs: clock.nowMs() } as const;
    const key = submissionKey(model, uploadId);
    const { principal } = await submit(deps, key, { ...submission, description, tags });
    await events.publish('Packaging Requested', { kind: 'upload', model, uploadId, principal });
    const runId = uploadRunId(uploadId);
    return jsonResponse(202, { model, uploadId, runId, status: `/models/${model}/uploads/${uploadId}` });
  };

  const report: Route['handle'] = async (_request, { model = '', ...parameters }) => {
    const uploadId = parse(UploadIdParameter, parameters.uploadId, 'uploadId');
    definitionOf(definitions, model);
    const runId = uploadRunId(uploadId);
    const [run, hasFile, submission, faults] = await Promise.all([
      registry.getRun(model, runId),
      artifacts.exists(uploadKey(model, uploadId)),
      readSubmission(deps, submissionKey(model, uploadId)),
      readIfThere(deps, uploadFaultsKey(model, uploadId)),
    ]);
    const found = faults === undefined ? undefined : parseJsonFile(UploadFaultsSchema, faults, 'faults.json').faults;
    const described = describeUpload({ hasFile, isSubmitted: submission !== undefined, run, faults: found });
    return jsonResponse(200, { model, uploadId, runId, ...described });
  };

  return [
    { method: 'POST', path: '/models/{model}/uploads', handle: begin },
    { method: 'GET', path: '/models/{model}/uploads/{uploadId}', handle: report },
    { method: 'POST', path: '/models/{model}/versions', handle: register },
  ];
};
