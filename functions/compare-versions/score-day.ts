import { capturedLines } from '../../shared/adapters/s3/captured-lines.ts';
import { CaptureRecordSchema, type LabelRecord, type PredictionRecord } from '../../shared/contracts/capture.ts';
import { parse } from '../../shared/contracts/parse.ts';
import {
  type LabelledPair,
  labelsCloseAtMs,
  openShadowSample,
  pairedLosses,
  type ReplayedVersion,
  type ShadowDay,
  type ShadowSample,
  scoreCaptured,
} from '../../shared/core/deployment/index.ts';
import { DAY_MS } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';

/** Predictions of a day that are held: a hundred bytes each. */
const MOST_ROWS = 200_000;
/** Rows scored at once. */
const CHUNK_ROWS = 500;

export interface DayRequest {
  readonly model: string;
  readonly day: string;
  readonly labelDelayDays: number;
  readonly task: 'binary-classification' | 'regression';
  readonly challenger: ReplayedVersion;
  readonly champion: ReplayedVersion;
}

interface Scored {
  readonly atMs: number;
  readonly challenger: number;
  readonly champion: number;
  readonly label?: Pick<LabelRecord, 'label' | 'knownAtMs' | 'receivedAtMs'>;
}

type Row = Pick<PredictionRecord, 'predictionId' | 'atMs' | 'inputs'>;

const scoreRows = async (
  { challenger, champion }: DayRequest,
  rows: readonly Row[],
  scored: ShadowSample<Scored>,
): Promise<void> => {
  const inputs = rows.map((row) => row.inputs);
  const ours = await scoreCaptured(challenger, inputs);
  const theirs = await scoreCaptured(champion, inputs);
  for (const [i, { predictionId, atMs }] of rows.entries()) {
    const [one, other] = [ours[i], theirs[i]];
    if (typeof one !== 'number' || typeof other !== 'number') continue;
    const standing = scored.get(predictionId);
    // The earlier answer stands, as everywhere that captures are read.
    if (standing === undefined || atMs < standing.atMs)
      scored.set(predictionId, { atMs, challenger: one, champion: other });
  }
};

/** Scores the day's predictions by both versions, one for each id; what either fails on is left out of both. */
const scoreDay = async (
  data: Pick<ArtifactStore, 'get' | 'list'>,
  request: DayRequest,
): Promise<ShadowSample<Scored>> => {
  const { model, day } = request;
  const fromMs = Date.parse(day);
  const toMs = fromMs + DAY_MS;
  const scored = openShadowSample<Scored>(MOST_ROWS);
  let rows: Row[] = [];
  for await (const line of capturedLines(data, { model, fromMs, toMs })) {
    if (!line.includes('"kind":"prediction"')) continue;
    const record = parse(CaptureRecordSchema, JSON.parse(line), 'captured line');
    if (record.kind !== 'prediction' || record.atMs < fromMs || record.atMs >= toMs) continue;
    const { predictionId, atMs, inputs } = record;
    const standing = scored.get(predictionId);
    if (!scored.takes(predictionId) || (standing !== undefined && standing.atMs <= atMs)) continue;
    rows.push({ predictionId, atMs, inputs });
    if (rows.length < CHUNK_ROWS) continue;
    await scoreRows(request, rows, scored);
    rows = [];
  }
  await scoreRows(request, rows, scored);
  return scored;
};

const isNewer = (
  a: Pick<LabelRecord, 'label' | 'knownAtMs' | 'receivedAtMs'>,
  b: NonNullable<Scored['label']>,
): boolean =>
  a.knownAtMs !== b.knownAtMs
    ? a.knownAtMs > b.knownAtMs
    : a.receivedAtMs !== b.receivedAtMs
      ? a.receivedAtMs > b.receivedAtMs
      : a.label > b.label;

/** Gives each prediction its newest label of those that were received before the day closed. */
const joinLabels = async (
  data: Pick<ArtifactStore, 'get' | 'list'>,
  { model, day, labelDelayDays }: DayRequest,
  scored: ShadowSample<Scored>,
): Promise<void> => {
  const closesAtMs = labelsCloseAtMs(day, labelDelayDays);
  for await (const line of capturedLines(data, { model, fromMs: Date.parse(day), toMs: closesAtMs })) {
    if (!line.includes('"kind":"label"')) continue;
    const record = parse(CaptureRecordSchema, JSON.parse(line), 'captured line');
    if (record.kind !== 'label' || record.receivedAtMs >= closesAtMs) continue;
    const standing = scored.get(record.predictionId);
    if (standing === undefined || (standing.label !== undefined && !isNewer(record, standing.label))) continue;
    const { label, knownAtMs, receivedAtMs } = record;
    scored.set(record.predictionId, { ...standing, label: { label, knownAtMs, receivedAtMs } });
  }
};

function* labelled(scored: ShadowSample<Scored>): Generator<LabelledPair> {
  for (const { challenger, champion, label } of scored.values()) {
    if (label !== undefined) yield { challenger, champion, label: label.label };
  }
}

/** The comparison of one closed day. Whenever it is made, it is made of the same lines. */
export const compareDay = async (
  data: Pick<ArtifactStore, 'get' | 'list'>,
  request: DayRequest,
): Promise<Omit<ShadowDay, 'model' | 'challenger' | 'champion' | 'day' | 'computedAtMs'>> => {
  const scored = await scoreDay(data, request);
  if (scored.size > 0) await joinLabels(data, request, scored);
  return { scoredCount: scored.size, ...pairedLosses(request.task, labelled(scored)) };
};
