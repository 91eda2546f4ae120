import type { InferenceHost, ServableModel } from '../../shared/core/inference/index.ts';
import { assert } from '../../shared/kernel/assert.ts';
import { NotFoundError, UnavailableError } from '../../shared/kernel/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { OnlineStore } from '../../shared/ports/online-store.ts';
import type { Capture } from './capture-predictions.ts';
import { createDescribePredictions, type DescribePredictions } from './describe-predictions.ts';
import type { ExplainServed } from './explain-predictions.ts';
import type { createServedModel, ServedModel } from './load-served-model.ts';
import type { PredictionIdOf } from './prediction-id.ts';
import { servableModel } from './servable-model.ts';

export interface HostDeps {
  readonly model: string;
  /** Undefined while no version is in service. */
  readonly servedModel: ReturnType<typeof createServedModel>;
  readonly predictionId: PredictionIdOf;
  /** The published version of this function that answers. */
  readonly lambdaVersion: string;
  readonly capture: Capture;
  readonly clock: Clock;
  /** Of a model with feature views. */
  readonly online?: Pick<OnlineStore, 'read'>;
  /** @default requests for explanations are refused */
  readonly explain?: ExplainServed;
}

/** What is known of a model that was found. */
interface Found {
  readonly served: ServedModel;
  readonly describe: DescribePredictions;
}

const SHOWN_CHARACTERS = 20;

/** `performance` would load a module of Node's that nothing else of a cold start needs. */
const elapsedMs = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6;
};

/** A host of one model in one version: what a published version of this function is. */
export const createInferenceHost = (deps: HostDeps): InferenceHost => {
  const { model, servedModel, lambdaVersion, capture, clock, online, explain } = deps;
  const servables = new WeakMap<ServedModel, ServableModel>();
  const found = new WeakMap<ServableModel, Found>();

  const servableOf = (served: ServedModel): ServableModel => {
    const known = servables.get(served);
    if (known !== undefined) return known;
    const servable = servableModel(model, served);
    servables.set(served, servable);
    found.set(servable, { served, describe: createDescribePredictions({ model, served, lambdaVersion }) });
    return servable;
  };

  const foundAs = (servable: ServableModel): Found => {
    const known = found.get(servable);
    assert(known !== undefined, 'a model that was found is served here');
    return known;
  };

  /** A path may name the version that serves, and no other. */
  const require = (served: ServedModel | undefined, version: string | undefined): ServableModel => {
    if (served === undefined) throw new UnavailableError(`no version of ${model} is in service yet`);
    if (version === undefined || version === String(served.version)) return servableOf(served);
    const asked = version.slice(0, SHOWN_CHARACTERS);
    throw new NotFoundError(`version ${asked} of ${model} is not in service; version ${served.version} is`);
  };

  return {
    find: (name, version) => {
      if (name !== model) throw new NotFoundError(`model ${name.slice(0, SHOWN_CHARACTERS)} is not served here`);
      const served = servedModel();
      return served instanceof Promise ? served.then((loaded) => require(loaded, version)) : require(served, version);
    },
    completeRows: async (servable, rows) => {
      // A cold start evaluates none of it.
      const { createCompleteByEntity } = await import('./complete-by-entity.ts');
      return createCompleteByEntity({ model, online, clock })(foundAs(servable).served, rows);
    },
    ...(explain === undefined ? {} : { explainer: (servable) => explain(foundAs(servable).served) }),
    capture: (prediction) => capture(foundAs(prediction.model).describe(prediction, clock.nowMs())),
    predictionId: deps.predictionId,
    elapsedMs,
  };
};
