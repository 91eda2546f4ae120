import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';
import {
  createInferenceApi,
  type InferenceAnswer,
  type InferenceHost,
  type InferenceRequest,
  type LoadedModelName,
  type ServableModel,
} from '../../../shared/core/inference/index.ts';
import { createMetrics, EXPOSITION_TYPE, SERVING_FAMILIES } from '../../../shared/core/prometheus/index.ts';
import { UnavailableError } from '../../../shared/kernel/errors.ts';
import { errorFields, logLine } from '../../../shared/kernel/log.ts';
import { type Pins, readPins } from '../load-served-model.ts';
import { linkCoordinator, type Wire } from './coordinator-link.ts';
import { createExecutor } from './executor.ts';
import { createHttpShell } from './http-shell.ts';
import type { Placement, ThreadData } from './messages.ts';
import { createModelFinder, type FoundModel } from './model-finder.ts';
import type { ExplainFound } from './open-explaining.ts';
import type { openOnlineFeatures } from './open-online-features.ts';
import type { PredictionCapture } from './open-prediction-capture.ts';
import { connectPeer } from './peer-runs.ts';
import { createPredictionIds } from './prediction-ids.ts';
import { createRequestTiming } from './request-timing.ts';
import { interpreterOnly } from './runtimes.ts';

const SERVER = { name: 'millrace', version: '2' };

/** With its client of AWS, which only a server that captures has to load. */
const openCapture = async (): Promise<PredictionCapture | undefined> =>
  (await import('./open-prediction-capture.ts')).openPredictionCapture(process.env);

/** The same of one whose model keeps features online. */
const openComplete = async (): Promise<ReturnType<typeof openOnlineFeatures>> =>
  (await import('./open-online-features.ts')).openOnlineFeatures(process.env);

/** The same of one that is asked why, once it is. */
const explainLater = (pins: Pins): ExplainFound => {
  let opening: Promise<ExplainFound> | undefined;
  return async (model) => {
    opening ??= import('./open-explaining.ts').then(({ openExplaining }) => openExplaining(process.env, pins));
    return (await opening)(model);
  };
};

/** A thread that answers requests, on connections of its own. */
export const startHttpThread = ({ settings, peers }: ThreadData): void => {
  const metrics = createMetrics(SERVING_FAMILIES);
  const timing = createRequestTiming(metrics);
  const executor = createExecutor(interpreterOnly(), settings, metrics);
  const ids = createPredictionIds({ nowMs: () => Date.now() });
  const capture = process.env.CAPTURE_STREAM ? openCapture() : undefined;
  const complete = process.env.ONLINE_TABLE ? openComplete() : undefined;
  const pins = readPins(process.env);
  const explain = pins && explainLater(pins);
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
  const placementOf = ({ model }: { readonly model: ServableModel }): Placement => (model as FoundModel).placement;
  const host: InferenceHost = {
    find: finder.find,
    isReady: async (model, version) => {
      try {
        return await link.askReady(model, version);
      } catch (error) {
        if (error instanceof UnavailableError) return false;
        throw error;
      }
    },
    ...(complete === undefined
      ? {}
      : { completeRows: async (model, rows) => (await complete)(placementOf({ model }), rows) }),
    ...(explain === undefined ? {} : { explainer: (model) => explain(model as FoundModel) }),
    capture: (prediction) => capture?.then((put) => put?.(prediction, placementOf(prediction))),
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
