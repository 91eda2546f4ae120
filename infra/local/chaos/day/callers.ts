import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../../shared/kernel/time.ts';
import type { ChaosSession } from '../session.ts';
import type { AnsweredRow } from '../traffic.ts';
import { DAY_MODELS, type DayModel, UNIT_HEADER } from './day-model.ts';
import { USUAL_X } from './day-versions.ts';

/** A prediction request, as its caller saw it. */
export interface AskedRequest {
  readonly model: DayModel;
  readonly predictionIds: readonly string[];
  /** Routing key; models without units are asked without. */
  readonly unit?: string;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  /** Of HTTP; 0 when no answer came. */
  readonly status: number;
  readonly version?: number;
}

type Pace = 'calm' | 'busy' | 'rush';

/** The callers of both models, all day long: they ask once, what fails stays failed. */
export interface Callers {
  /** Lets the clock go on to their next request, and sends it. */
  go(): Promise<void>;
  /** While canaries run there is more to ask, at times in a rush; of some models also what nobody asked before. */
  set(mood: { readonly pace?: Pace; readonly unusual?: ReadonlySet<DayModel> }): void;
  /** The truth about what a model answered in the last hours. */
  sendLabels(model: DayModel): Promise<void>;
  readonly asked: readonly AskedRequest[];
  readonly answered: readonly AnsweredRow[];
}

/** Virtual time from one request to the next, of each model. */
export interface Paces {
  /** While canaries run. */
  readonly busyMs: number;
  readonly calmMs: number;
}

export const PACES: Paces = { busyMs: 6 * SECOND_MS, calmMs: MINUTE_MS / 2 };

const RUSH_MS = 3 * SECOND_MS;
/** Units that come back all day. */
const REGULAR_UNITS = 60;
/** Of requests: who comes once is new evidence, who comes back must stay where he is. */
const REGULAR_SHARE = 0.5;
/** Every so manieth request has several rows. */
const SEVERAL_ROWS_EVERY = 7;
const UNUSUAL_SHARE = 0.6;
const KINDS = ['a', 'b', 'c'];

interface PredictAnswer {
  readonly version: number;
  readonly predictions: readonly { readonly predictionId: string; readonly probability: number }[];
}

/** @param random uniform in [0, 1), seeded. */
export const createCallers = (
  { cloud: { clock }, api, urls, platform }: ChaosSession,
  { random, paces }: { readonly random: () => number; readonly paces: Paces },
): Callers => {
  const asked: AskedRequest[] = [];
  const answered: AnsweredRow[] = [];
  let pace: Pace = 'calm';
  const everyMs = { calm: paces.calmMs, busy: paces.busyMs, rush: RUSH_MS };
  let unusual: ReadonlySet<DayModel> = new Set();
  let sent = 0;
  let nextMs = clock.nowMs();

  const drawRow = (model: DayModel) => {
    const beyond = unusual.has(model) && random() < UNUSUAL_SHARE;
    const x = beyond ? USUAL_X + 0.01 + random() * 0.08 : 0.001 + random() * (USUAL_X - 0.01);
    sent += 1;
    const features = { x, kind: KINDS[Math.floor(random() * KINDS.length)] ?? 'a' };
    return { predictionId: `${model}-${sent}`, features };
  };

  const drawUnit = (): string =>
    random() < REGULAR_SHARE ? `user-${Math.floor(random() * REGULAR_UNITS)}` : `passer-by-${sent}`;

  const ask = async (model: DayModel): Promise<void> => {
    const instances = [drawRow(model)];
    if (sent % SEVERAL_ROWS_EVERY === 0) instances.push(drawRow(model), drawRow(model));
    const unit = model === 'delta' ? { unit: drawUnit() } : {};
    const headers = unit.unit === undefined ? {} : { [UNIT_HEADER]: unit.unit };
    const askedAtMs = clock.nowMs();
    const url = `${urls.predict}/models/${model}/predict`;
    const { status, body } = await api
      .call('POST', url, { instances }, headers)
      .catch(() => ({ status: 0, body: undefined }));
    const answer = status === 200 ? (body as PredictAnswer) : undefined;
    const version = answer === undefined ? {} : { version: answer.version };
    const predictionIds = instances.map(({ predictionId }) => predictionId);
    asked.push({ model, predictionIds, ...unit, askedAtMs, answeredAtMs: clock.nowMs(), status, ...version });
    for (const [i, { predictionId, probability }] of (answer?.predictions ?? []).entries()) {
      const features = instances[i]?.features ?? { x: Number.NaN, kind: '' };
      answered.push({
        model,
        predictionId,
        atMs: askedAtMs,
        features,
        version: answer?.version ?? 0,
        output: probability,
      });
    }
  };

  return {
    asked,
    answered,
    async go() {
      nextMs = Math.max(clock.nowMs(), nextMs + everyMs[pace]);
      await clock.advanceTo(nextMs);
      await Promise.all(DAY_MODELS.map(ask));
    },
    set(mood) {
      pace = mood.pace ?? pace;
      unusual = mood.unusual ?? unusual;
    },
    async sendLabels(model) {
      const since = clock.nowMs() - 3 * HOUR_MS;
      const rows = answered.filter((row) => row.model === model && row.atMs >= since).slice(0, 50);
      const knownAt = new Date(clock.nowMs()).toISOString();
      const labels = rows.map(({ predictionId }, i) => ({ predictionId, label: i % 2, knownAt }));
      if (labels.length > 0) await platform.sendLabels(model, labels);
    },
  };
};
