import { parse } from '../../contracts/parse.ts';
import { RolledBackSchema, thrownBy } from '../../contracts/roll-back.ts';
import { ConflictError, InvalidRequestError, InvalidStateError, NotFoundError } from '../../kernel/errors.ts';
import { callingService } from '../../kernel/unavailable.ts';
import type { RollBackFunction } from '../../ports/roll-back.ts';
import { endpointOf } from './endpoints.ts';
import type { SignedClient } from './signed-client.ts';

/** What the function refuses: asked again it would refuse again. */
const REFUSALS: Readonly<Record<string, new (message: string) => Error>> = {
  ConflictError,
  InvalidRequestError,
  InvalidStateError,
  NotFoundError,
};

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export const createRollBack = (client: SignedClient, functionName: string): RollBackFunction => {
  const invoke = (invocationType: 'RequestResponse' | 'Event', body: string) =>
    client.send({
      service: 'lambda',
      method: 'POST',
      origin: endpointOf(client.env, 'lambda'),
      path: `/2015-03-31/functions/${functionName}/invocations`,
      headers: { 'content-type': 'application/json', 'x-amz-invocation-type': invocationType },
      body,
    });

  return {
    rollBack: async (request) => {
      const body = JSON.stringify(request);
      const answer = await callingService('Lambda', () => invoke('RequestResponse', body)).catch(() => undefined);
      const payload: unknown = answer && JSON.parse(new TextDecoder().decode(answer.body));
      if (answer !== undefined && answer.headers['x-amz-function-error'] === undefined) {
        return parse(RolledBackSchema, payload, 'the answer of the function that rolls back');
      }
      const thrown = thrownBy(payload);
      const refusal = thrown && REFUSALS[thrown.errorType];
      if (refusal) throw new refusal(thrown.errorMessage);
      // Lambda tries an event three times within minutes, whatever becomes of this request.
      await callingService('Lambda', () => invoke('Event', body));
      return { model: request.model, underWay: true };
    },
  };
};
