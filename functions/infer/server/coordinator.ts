import { createModelCache } from '../../../shared/core/model-cache/index.ts';
import { createMetrics, SERVING_FAMILIES } from '../../../shared/core/prometheus/index.ts';
import { errorFields, logLine } from '../../../shared/kernel/log.ts';
import type { ModelSource } from '../../../shared/ports/model-source.ts';
import { createLoadDesk } from './load-desk.ts';
import { sentError } from './messages.ts';
import type { NamedFolders } from './named-folders.ts';
import { createServerMetrics } from './server-metrics.ts';
import type { Settings } from './settings.ts';
import type { ThreadHandle } from './thread-handle.ts';
import { hearOfModels } from './told-models.ts';
import { createVersionDesk } from './version-desk.ts';

interface Deps {
  readonly settings: Settings;
  readonly source: ModelSource;
  readonly threads: readonly ThreadHandle[];
  /** Where the server is told of models by requests. */
  readonly folders?: NamedFolders;
}

/** Knows which model is where, has models loaded, and adds up what the threads count. */
export const createCoordinator = ({ settings, source, threads, folders }: Deps) => {
  const metrics = createMetrics(SERVING_FAMILIES);
  const cache = createModelCache({ budgetBytes: settings.modelBudgetBytes });
  const nowMs = (): number => performance.now();
  const versions = createVersionDesk(source, nowMs);
  const { loadTimeoutMs } = settings;
  const desk = createLoadDesk({ source, cache, holders: threads, metrics, loadTimeoutMs, nowMs });

  for (const thread of threads) {
    thread.on('find', ({ id, model, version }) => {
      const placed = versions.describe(model, version).then((described) => desk.require(described, thread));
      placed.then(
        (placement) => thread.post({ kind: 'found', id, placement }),
        (error: unknown) => thread.post({ kind: 'not-found', id, error: sentError(error) }),
      );
    });
    thread.on('ask-ready', ({ id, model, version }) => {
      versions.describe(model, version).then(
        (described) => thread.post({ kind: 'may-serve', id, ready: desk.mayServe(described) }),
        (error: unknown) => thread.post({ kind: 'not-found', id, error: sentError(error) }),
      );
    });
    thread.on('copy', ({ key }) => {
      desk.copy(key, thread).catch((error: unknown) => logLine('warn', 'model was not copied', errorFields(error)));
    });
    thread.on('used', ({ models }) => {
      for (const [model, times] of models) desk.used(model, times);
    });
  }
  createServerMetrics(threads, metrics, () => ({
    millrace_models_resident: desk.residentCount(),
    millrace_models_resident_bytes: cache.takenBytes,
    millrace_models_budget_bytes: cache.budgetBytes,
    process_resident_memory_bytes: process.memoryUsage.rss(),
  }));
  if (folders !== undefined) hearOfModels({ threads, folders, versions, desk });

  return {
    beginServing: desk.beginServing,
    /** Has a model loaded on every thread that answers, before the first request. */
    preload: async (model: string): Promise<void> => {
      const described = await versions.describe(model);
      const http = threads.filter(({ role }) => role === 'http');
      await desk.require(described, http[0] as ThreadHandle);
      await Promise.all(http.slice(1).map((thread) => desk.copy(described.key, thread)));
    },
  };
};
