import type { ChaosSession } from './session.ts';

/** A row that was sent, and what was answered. */
export interface AnsweredRow {
  readonly model: string;
  readonly predictionId: string;
  readonly atMs: number;
  readonly features: { readonly x: number; readonly kind: string };
  readonly version: number;
  readonly output: number;
}

/** Callers of the prediction API. They ask once: what fails stays failed. */
export interface Traffic {
  /** One request of so many rows. `drifted` rows have another x than those that models are trained on. */
  send(model: string, rowCount: number, shape: 'as trained' | 'drifted'): Promise<void>;
  /** Tells the truth about some of the rows answered so far. */
  sendLabels(model: string): Promise<void>;
  readonly answered: readonly AnsweredRow[];
}

const KINDS = ['a', 'b', 'c'];

interface PredictAnswer {
  readonly version: number;
  readonly predictions: readonly { readonly predictionId: string; readonly probability: number }[];
}

export const createTraffic = ({ cloud, platform }: ChaosSession): Traffic => {
  const answered: AnsweredRow[] = [];
  let sent = 0;

  return {
    answered,
    async send(model, rowCount, shape) {
      const instances = Array.from({ length: rowCount }, (_, i) => {
        const even = ((i * 37) % rowCount) / rowCount;
        const x = shape === 'as trained' ? even + 0.001 : 0.95 + even / 20;
        sent += 1;
        return { predictionId: `${model}-${sent}`, features: { x, kind: KINDS[i % KINDS.length] ?? 'a' } };
      });
      const atMs = cloud.clock.nowMs();
      const { status, body } = await platform.predict(model, { instances });
      if (status !== 200) return;
      const { version, predictions } = body as PredictAnswer;
      for (const [i, { predictionId, probability }] of predictions.entries()) {
        const features = instances[i]?.features ?? { x: Number.NaN, kind: '' };
        answered.push({ model, predictionId, atMs, features, version, output: probability });
      }
    },
    async sendLabels(model) {
      const rows = answered.filter((row) => row.model === model).slice(0, 20);
      const knownAt = new Date(cloud.clock.nowMs()).toISOString();
      const labels = rows.map(({ predictionId }, i) => ({ predictionId, label: i % 2, knownAt }));
      if (labels.length > 0) await platform.sendLabels(model, labels);
    },
  };
};
