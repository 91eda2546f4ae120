import type { SignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import type { ApiGatewayEvent, ApiGatewayResult } from '../../shared/http/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { readPins } from './load-served-model.ts';
import { openServedModel } from './open-served-model.ts';

export interface Wiring {
  readonly settings: Readonly<
    Record<'STAGE' | 'MODEL_NAME' | 'CAPTURE_STREAM' | 'CAPTURE_LIMIT_MS' | 'AWS_LAMBDA_FUNCTION_VERSION', string>
  >;
  readonly places: Readonly<Record<'ARTIFACT_BUCKET' | 'REGISTRY_TABLE' | 'AUDIT_TABLE' | 'ONLINE_TABLE', string>>;
  readonly client: SignedClient;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface SmokeTestEvent {
  readonly smokeTest: { readonly model: string };
}

export type Answer = (event: ApiGatewayEvent | SmokeTestEvent) => Promise<ApiGatewayResult | object>;

/** Longest that the rest of the code waits for a network which takes no requests. */
const MOST_WAIT_MS = 100;

/** Fulfilled when the model has been asked for, or when that takes too long. */
const whenAsked = async (client: SignedClient): Promise<void> => {
  let limit: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    limit = setTimeout(resolve, MOST_WAIT_MS);
  });
  await Promise.race([client.sent(), late]);
  clearTimeout(limit);
};

/**
 * The handler of what a published version's environment pins: one model version, or a roster of several. The model is
 * asked for before anything else; the code that answers requests is read while it is on its way.
 */
export const openAnswer = (wiring: Wiring): Answer => {
  const { settings, places, client, env } = wiring;
  const pins = readPins(env);
  const isRouted = pins !== undefined && Boolean(env.ROSTER_DIGEST);
  const servedModel = isRouted ? undefined : openServedModel(settings.MODEL_NAME, pins, client, places);
  let answer: Answer | undefined;
  const opening = whenAsked(client)
    .then(() => import('./open-handler.ts'))
    .then(({ openHandler }) => {
      answer = openHandler(wiring, { pins, servedModel });
      return answer;
    });
  opening.catch(() => undefined);
  return (event) => (answer === undefined ? opening.then((opened) => opened(event)) : answer(event));
};
