import type { ApiAnswer, ApiClient } from './api-client.ts';

/** The platform's own REST APIs, as the story's people and programs call them. */

export interface VersionFact {
  readonly version: number;
  readonly status: string;
  readonly runId: string;
  readonly artifactPrefix: string;
  readonly trainedThroughMs: number;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface RolloutFact {
  readonly rolloutId: string;
  readonly version: number;
  readonly kind: string;
  readonly status: string;
  readonly weights: readonly number[];
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly reason?: string;
}

export interface RunFact {
  readonly runId: string;
  readonly status: string;
  readonly cause: Readonly<Record<string, unknown>>;
  readonly outcome?: string;
  readonly startedAtMs: number;
  readonly version?: number;
}

export interface Platform {
  requestTraining(model: string, reason: string): Promise<void>;
  approve(model: string, version: number, reason: string): Promise<void>;
  versions(model: string): Promise<readonly VersionFact[]>;
  runs(model: string): Promise<readonly RunFact[]>;
  rollouts(model: string): Promise<readonly RolloutFact[]>;
  predict(model: string, body: unknown): Promise<ApiAnswer>;
  sendLabels(model: string, labels: readonly unknown[]): Promise<void>;
}

export class PlatformCallError extends Error {
  override readonly name = 'PlatformCallError';
}

interface Urls {
  /** Without a trailing slash. */
  readonly platform: string;
  readonly predict: string;
}

export const createPlatform = (api: ApiClient, urls: Urls): Platform => {
  const must = async (method: 'GET' | 'POST', url: string, body?: unknown): Promise<unknown> => {
    const answer = await api.call(method, url, body);
    if (answer.status < 300) return answer.body;
    throw new PlatformCallError(`${method} ${url} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  const items = async <T>(path: string): Promise<readonly T[]> => {
    const answer = (await must('GET', `${urls.platform}${path}`)) as { readonly items: readonly T[] };
    return answer.items;
  };
  const oldestFirst = <T extends { readonly startedAtMs: number }>(facts: readonly T[]): readonly T[] =>
    facts.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  return {
    async requestTraining(model, reason) {
      await must('POST', `${urls.platform}/models/${model}/train`, { reason });
    },
    async approve(model, version, reason) {
      await must('POST', `${urls.platform}/models/${model}/versions/${version}/approve`, { reason });
    },
    versions: async (model) =>
      (await items<VersionFact>(`/models/${model}/versions`)).toSorted((a, b) => a.version - b.version),
    runs: async (model) => oldestFirst(await items<RunFact>(`/models/${model}/runs`)),
    rollouts: async (model) => oldestFirst(await items<RolloutFact>(`/models/${model}/rollouts`)),
    predict: (model, body) => api.call('POST', `${urls.predict}/models/${model}/predict`, body),
    async sendLabels(model, labels) {
      if (labels.length > 0) await must('POST', `${urls.predict}/models/${model}/ground-truth`, { labels });
    },
  };
};
