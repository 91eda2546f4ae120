import type { LoggedModelRules } from '../../core/logged-models/index.ts';
import type { LoggedModel } from '../../core/tracking/index.ts';
import { AlreadyExistsError, NotFoundError } from '../../kernel/errors.ts';
import type { LoggedModelStore } from '../../ports/logged-model-store.ts';

/** Logged models in memory, for tests. */
export const createMemoryLoggedModelStore = (rules: LoggedModelRules): LoggedModelStore => {
  const models = new Map<string, LoggedModel>();

  const find = (modelId: string): LoggedModel => {
    const model = models.get(modelId);
    if (model?.lifecycleStage === 'active') return model;
    throw new NotFoundError(`Logged model with ID '${modelId}' not found.`);
  };
  const change: LoggedModelStore['change'] = async (modelId, decide) => {
    const model = decide(find(modelId));
    models.set(modelId, model);
    return model;
  };

  return {
    create: async (model) => {
      if (models.has(model.modelId)) {
        throw new AlreadyExistsError(`Logged model with ID '${model.modelId}' already exists.`);
      }
      models.set(model.modelId, model);
    },
    get: async (modelId) => find(modelId),
    change,
    recordMetrics: async (points, runId) => {
      for (const modelId of new Set(points.map((point) => point.modelId))) {
        if (modelId !== undefined) await change(modelId, (model) => rules.withMetrics(model, points, runId));
      }
    },
    recordRegistration: async (modelId, registration, atMs) => {
      await change(modelId, (model) => rules.withRegistration(model, registration, atMs));
    },
    list: async (experimentId) =>
      [...models.values()]
        .filter((model) => model.experimentId === experimentId && model.lifecycleStage === 'active')
        .sort((a, b) => (a.modelId < b.modelId ? -1 : 1)),
    listOfRun: async (runId) =>
      [...models.values()].filter(
        ({ sourceRunId, lifecycleStage }) => sourceRunId === runId && lifecycleStage === 'active',
      ),
  };
};
