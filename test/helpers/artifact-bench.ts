import { Buffer } from 'node:buffer';
import { artifactDownloadRoutes } from '../../functions/tracking-api/artifact-download-routes.ts';
import { artifactRoutes } from '../../functions/tracking-api/artifact-routes.ts';
import type { WorkspacePorts } from '../../functions/tracking-api/deps.ts';
import { loggedModelRoutes } from '../../functions/tracking-api/logged-model-routes.ts';
import { createMlflowApi } from '../../functions/tracking-api/mlflow-api.ts';
import { createMemoryLoggedModelStore } from '../../shared/adapters/memory/logged-model-store.ts';
import { createMemoryTrackingArtifacts } from '../../shared/adapters/memory/tracking-artifacts.ts';
import { artifactSpace } from '../../shared/core/artifacts/index.ts';
import { withMetrics, withRegistration } from '../../shared/core/logged-models/index.ts';
import type { Run } from '../../shared/core/tracking/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import type { ModelCatalog } from '../../shared/ports/model-catalog.ts';
import type { TrackingArtifacts } from '../../shared/ports/tracking-artifacts.ts';
import type { TrackingStore } from '../../shared/ports/tracking-store.ts';

/** The routes of artifacts and logged models over stores in memory, as a client that may do everything calls them. */

export const BENCH_NOW_MS = 1_700_000_000_000;
export const BENCH_BUCKET = 'artifacts';

interface Asked {
  readonly query?: Readonly<Record<string, string>>;
  /** JSON, or bytes as they are. */
  readonly body?: object | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field, by the tests
  readonly body: any;
}

export interface ArtifactBench {
  /** @param path such as `/api/2.0/mlflow/artifacts/list`, percent-encoded. */
  readonly ask: (method: string, path: string, asked?: Asked) => Promise<Answered>;
  readonly ports: WorkspacePorts;
}

const runs: Readonly<Record<string, string>> = {
  proxied: 'mlflow-artifacts:/1/proxied/artifacts',
  ours: `s3://${BENCH_BUCKET}/tracking/default/artifacts/2/ours`,
  theirs: 's3://somebody/else',
};

/** Experiments 1 (active) and 2 (deleted), and the runs above. */
const benchTracking = (): TrackingStore => {
  const tracking = {
    getExperiment: async (experimentId: string) => {
      if (!['1', '2'].includes(experimentId)) throw new NotFoundError(`No Experiment with id=${experimentId} exists`);
      return {
        experimentId,
        name: 'e',
        artifactLocation: `mlflow-artifacts:/${experimentId}`,
        lifecycleStage: experimentId === '1' ? 'active' : 'deleted',
        createdAtMs: 1,
        updatedAtMs: 1,
        tags: {},
      };
    },
    index: {
      readRuns: async (runIds: readonly string[]) =>
        runIds.flatMap((runId) =>
          runs[runId] === undefined ? [] : [{ info: { runId, artifactUri: runs[runId] } } as Run],
        ),
    },
  };
  return tracking as unknown as TrackingStore;
};

/** Version 1 of `late` names its logged model's files, version 2 somebody else's. */
const benchCatalog = (): ModelCatalog => {
  const catalog = {
    getVersion: async (model: string, version: number) => {
      if (model !== 'late' || version > 2) throw new NotFoundError(`Model Version (${model}, ${version}) not found`);
      return version === 1
        ? { model, version, source: 'models:/m-1', storageLocation: runs.proxied }
        : { model, version, source: runs.theirs };
    },
  };
  return catalog as unknown as ModelCatalog;
};

const bodyOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

export const openArtifactBench = (artifacts?: TrackingArtifacts): ArtifactBench => {
  const space = artifactSpace({ workspace: 'default', bucket: BENCH_BUCKET });
  const ports = {
    catalog: benchCatalog(),
    tracking: benchTracking(),
    artifacts: artifacts ?? createMemoryTrackingArtifacts(space),
    loggedModels: createMemoryLoggedModelStore({ withMetrics, withRegistration }),
  } as WorkspacePorts;
  let serial = 0;
  let nowMs = BENCH_NOW_MS;
  const newId = (): string => {
    serial += 1;
    return serial.toString(16).padStart(32, '0');
  };
  const clock = {
    nowMs: () => {
      nowMs += 1;
      return nowMs;
    },
  };
  const api = createMlflowApi({ portsOf: () => ports, clock, newId }, [
    ...artifactRoutes,
    ...artifactDownloadRoutes,
    ...loggedModelRoutes,
  ]);
  return {
    ports,
    ask: async (method, path, { query = {}, body, headers = {} } = {}) => {
      const raw = body instanceof Uint8Array;
      const answer = await api(
        {
          method,
          path,
          query,
          queryLists: Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
          headers: { ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }), ...headers },
          body: raw ? body : Buffer.from(body === undefined ? '' : JSON.stringify(body)),
          principal: 'ann',
          authorizer: { role: 'admin', workspaces: '*' },
          requestId: 'request-1',
        },
        () => 29_000,
      );
      return { ...answer, body: bodyOf(Buffer.from(answer.body).toString('utf8')) };
    },
  };
};
