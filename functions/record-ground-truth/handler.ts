import type { LabelRecord } from '../../shared/contracts/capture.ts';
import { type Definitions, definitionOf } from '../../shared/contracts/definitions.ts';
import { decodeGroundTruth } from '../../shared/core/inference/index.ts';
import {
  createApiGatewayHandler,
  createRouter,
  type HttpRequest,
  type HttpResponse,
  jsonResponse,
  readJsonBody,
  renderProblem,
} from '../../shared/http/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { CaptureStream } from '../../shared/ports/serving-functions.ts';

/** 500 labels with room to spare. */
const MAX_BODY_BYTES = 1024 * 1024;

interface Deps {
  readonly definitions: Definitions;
  readonly streamOf: (model: string) => CaptureStream;
  readonly clock: Clock;
}

const record = async (
  { definitions, streamOf, clock }: Deps,
  model: string,
  request: HttpRequest,
): Promise<HttpResponse> => {
  const { task, monitors } = definitionOf(definitions, model);
  const kpis = (monitors.performance?.kpis ?? []).map(({ name }) => name);
  const nowMs = clock.nowMs();
  const labels = decodeGroundTruth(readJsonBody(request, MAX_BODY_BYTES), { task, nowMs, kpis });
  const records = labels.map((label): LabelRecord => ({ kind: 'label', model, receivedAtMs: nowMs, ...label }));
  await streamOf(model).put(records);
  return jsonResponse(202, { model, accepted: records.length });
};

/**
 * Takes labels, late and repeatedly, down the road of the predictions they belong to. Readers keep the newest label
 * of a prediction, so a repeated request changes nothing; 202 is answered once every label is on the stream.
 */
export const createHandler = (deps: Deps) =>
  createApiGatewayHandler(
    createRouter(
      [
        {
          method: 'POST',
          path: '/models/{model}/ground-truth',
          handle: (request, { model = '' }) => record(deps, model, request),
        },
      ],
      renderProblem,
    ),
  );
