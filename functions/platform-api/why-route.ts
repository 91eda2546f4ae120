import { PredictionIdParameter, WhyQuery } from '../../shared/contracts/http/platform.ts';
import { parse } from '../../shared/contracts/parse.ts';
import { jsonResponse, type Route } from '../../shared/http/index.ts';
import { NotFoundError } from '../../shared/kernel/errors.ts';
import { showValue } from '../../shared/kernel/show-value.ts';
import { explainPrediction } from './explain-prediction.ts';
import { findPrediction } from './find-prediction.ts';
import type { PlatformDeps } from './routes.ts';

/** Models looked through when the caller names none. */
const MOST_MODELS = 50;

/** Why a prediction came out as it did: from its inputs to the model's bytes, data, code, approver and traffic. */
export const whyRoute = (deps: PlatformDeps): Route => ({
  method: 'GET',
  path: '/lineage/why/{predictionId}',
  handle: async (request, parameters) => {
    const predictionId = parse(PredictionIdParameter, parameters.predictionId, 'predictionId');
    const { model, day } = parse(WhyQuery, request.query, 'query');
    const models = model === undefined ? [...deps.definitions.keys()].sort().slice(0, MOST_MODELS) : [model];
    for (const name of models) {
      const found = await findPrediction(deps.captures, { model: name, predictionId, day });
      if (found !== undefined) return jsonResponse(200, await explainPrediction(deps, found));
    }
    throw new NotFoundError(
      `prediction ${showValue(predictionId)} is not captured for ${models.join(', ')}: a capture arrives within 15 minutes of its prediction`,
    );
  },
});
