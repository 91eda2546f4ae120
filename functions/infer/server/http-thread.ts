import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';
import {
  createInferenceApi,
  type InferenceAnswer,
  type InferenceHost,
  type InferenceRequest,
  type LoadedModelName,
} from '../../../shared/core/inference/index.ts';
import { createMetrics, EXPOSITION_TYPE, SERVING_FAMILIES } from '../../../shared/core/prometheus/index.ts';
import { errorFields, logLine } from '../../../shared/kernel/log.ts';
import { linkCoordinator, type Wire } from './coordinator-link.ts';
import { createExecutor } from './executor.ts';
import { createHttpShell } from './http-shell.ts';
import type { ThreadData } from './messages.ts';
import { createModelFinder, type FoundModel } from './model-finder.ts';
import type { PredictionCapture } from './open-prediction-capture.ts';
import { connectPeer } from './peer-runs.ts';
import { createPredictionIds } from './prediction-ids.ts';
import { createRequestTiming } from './request-timing.ts';
import { interpreterOnly } from './runtimes.ts';

const SERVER = { name: 'millrace', version: '2' };

/** With its client of AWS, which only a server that captures has to load. */
const openCapture = async (): Promise<PredictionCapture | undefined> =>
  (await import('./open-prediction-capture.ts')).openPredictionCapture(process.env);

/** A thread that answers requests, on connections of its own. */
export const startHttpThread = ({ settings, peers }: ThreadData): void => {
  const metrics = createMetrics(SERVING_FAMILIES);
  const timing = createRequestTiming(metrics);
  const executor = createExecutor(interpreterOnly(), settings, metrics);
  const ids = createPredictionIds({ nowMs: () => Date.now() });
  const capture = process.env.CAPTURE_STREAM ? openCapture() : undefined;
  const { defaultModel } = settings;
  let ready = false;
  let models: readonly LoadedModelName[] = [];

  const link = linkCoordinator({
    wire: parentPort as unknown as Wire,
    executor,
    snapshot: metrics.snapshot,
    onListen: (port) => {
      const { host: address, httpThreads } = settings;
      shell.server.listen({ host: address, port, reusePort: httpThreads > 1 }, () =>
        link.listening((shell.server.address() as AddressInfo).port),
      );
    },
    onReady: (now) => {
      ready = now;
    },
    onInventory: (now) => {
      for (const { modelName } of models) finder.forget(modelName);
      models = now;
    },
    onDrain: () => {
      shell.drain().then(link.drained, link.drained);
    },
  });
  const finder = createModelFinder({
    executor,
    peers: peers.map((port) => port && connectPeer(port, executor)),
    ask: link.ask,
    askForCopy: link.askForCopy,
    running: (found, run) => {
      link.used(found.name);
      return timing.running(found, run);
    },
  });
  const host: InferenceHost = {
    find: finder.find,
    capture: (prediction) => capture?.then((put) => put?.(prediction, (prediction.model as FoundModel).placement)),
    predictionId: ids.predictionId,
    elapsedMs: () => performance.now(),
  };
  const api = createInferenceApi(host, {
    maxBodyBytes: settings.maxBodyBytes,
    server: {
      ...SERVER,
      isReady: () => ready,
      ...(defaultModel === undefined ? {} : { defaultModel }),
      ...(settings.toldOfModels
        ? { models: { list: () => models, load: link.addModel, unload: link.removeModel } }
        : {}),
    },
    unexpected: (error, { requestId, path }) =>
      logLine('error', 'request failed unexpectedly', { requestId, path: path.slice(0, 200), ...errorFields(error) }),
  });
  const answer = (request: InferenceRequest): InferenceAnswer | Promise<InferenceAnswer> => {
    if (request.path === '/metrics' && request.method === 'GET') {
      return link.metricsText().then((body) => ({ status: 200, headers: { 'content-type': EXPOSITION_TYPE }, body }));
    }
    return timing.answering(() => api(request));
  };
  const shell = createHttpShell({ settings, metrics, answer, requestId: ids.requestId });
};
