import { createHash } from 'node:crypto';
import {
  BatchScoringBody,
  ScoringFailureSchema,
  type ScoringJob,
  ScoringJobId,
  ScoringPlanSchema,
  scoredPartKey,
  scoredPrefix,
  scoringFailuresPrefix,
  scoringManifestKey,
  scoringPlanKey,
} from '../../shared/contracts/batch-scoring.ts';
import { IdempotencyKey } from '../../shared/contracts/http/platform.ts';
import { parseJsonFile } from '../../shared/contracts/json-file.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { describeJob, MOST_ATTEMPTS, MOST_PARTS, nextStep } from '../../shared/core/batch-scoring/index.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import { isoTime } from '../../shared/kernel/time.ts';
import type { PlatformDeps } from './routes.ts';
import { jobFor, readJob } from './scoring-job.ts';
import { bodyOf, principalOf } from './write-routes.ts';

/** Scoring a whole prefix: asked for, taken up again where it broke off, and how far it has come. */

type Files = Pick<PlatformDeps, 'artifacts' | 'captures' | 'batchScoring'>;

/** Of a few failed parts the reasons; the others fail for the same ones. */
const TOLD_FAILURES = 10;

/** A model's name with a job's id may be longer than an execution's name. */
const executionKey = ({ model, jobId }: Pick<ScoringJob, 'model' | 'jobId'>): string =>
  createHash('sha256').update(`${model}/${jobId}`).digest('hex').slice(0, 32);

const readPlan = async ({ artifacts }: Files, { model, jobId }: ScoringJob) => {
  const key = scoringPlanKey(model, jobId);
  if (!(await artifacts.exists(key))) return undefined;
  return parseJsonFile(ScoringPlanSchema, await artifacts.get(key), key).parts;
};

/** Why parts failed of which there is still no output. */
const readFailures = async ({ artifacts }: Files, { model, jobId }: ScoringJob, done: ReadonlySet<number>) => {
  const notes = await artifacts.list(scoringFailuresPrefix(model, jobId), MOST_PARTS);
  const read = notes.slice(0, TOLD_FAILURES).map(async ({ key }) => {
    return parseJsonFile(ScoringFailureSchema, await artifacts.get(key), key);
  });
  return (await Promise.all(read)).filter(({ part }) => !done.has(part));
};

const reportOf = async (files: Files, job: ScoringJob) => {
  const [parts, outputs, attempts] = await Promise.all([
    readPlan(files, job),
    files.captures.list(scoredPrefix(job), MOST_PARTS + 1),
    files.batchScoring.attempts.read(executionKey(job)),
  ]);
  const keys = new Set(outputs.map(({ key }) => key));
  const doneParts = new Set((parts ?? []).flatMap(({ part }) => (keys.has(scoredPartKey(job, part)) ? [part] : [])));
  const report = describeJob({
    plannedRows: parts?.map(({ rowCount }) => rowCount),
    doneParts,
    isFinished: keys.has(scoringManifestKey(job)),
    attempts,
  });
  const { model, jobId, version, modelDigest, input, principal, askedAtMs } = job;
  const uri = (key: string): string => `s3://${files.batchScoring.dataBucket}/${key}`;
  return {
    ...{ model, jobId, version, modelDigest, principal },
    askedAt: isoTime(askedAtMs),
    input: uri(input),
    output: uri(scoredPrefix(job)),
    ...report,
    failedParts: await readFailures(files, job, doneParts),
  };
};

export const batchRoutes = (deps: PlatformDeps): readonly Route[] => {
  /** Asked for again, a job that runs or has ended is told; one that broke off is taken up again. */
  const begin: Route['handle'] = async (request, { model = '' }) => {
    const body = parse(BatchScoringBody, bodyOf(request), 'body');
    const key = request.headers['idempotency-key'];
    const id = key === undefined ? undefined : parse(IdempotencyKey, key, 'idempotency-key');
    const { attempts } = deps.batchScoring;
    const job = await jobFor(deps, { model, id, body, principal: principalOf(request) });
    const report = await reportOf(deps, job);
    if (report.state === 'FINISHED') return jsonResponse(200, report);
    const next = nextStep(await attempts.read(executionKey(job)));
    if (next.step === 'leave' && next.reason === 'exhausted') {
      throw new InvalidStateError(
        `batch scoring ${job.jobId} of ${model} broke off ${MOST_ATTEMPTS} times: ask under another id`,
      );
    }
    const isStarted = next.step === 'start';
    if (isStarted) await attempts.start(executionKey(job), next.attempt, { model, jobId: job.jobId });
    const told = isStarted ? await reportOf(deps, job) : report;
    return jsonResponse(202, { ...told, status: `/models/${model}/batch-scoring/${job.jobId}` });
  };

  const report: Route['handle'] = async (_request, { model = '', ...parameters }) => {
    const jobId = parse(ScoringJobId, parameters.jobId, 'jobId');
    return jsonResponse(200, await reportOf(deps, await readJob(deps, model, jobId)));
  };

  return [
    { method: 'POST', path: '/models/{model}/batch-scoring', handle: begin },
    { method: 'GET', path: '/models/{model}/batch-scoring/{jobId}', handle: report },
  ];
};
