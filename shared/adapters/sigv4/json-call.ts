import { endpointOf, type Service } from './endpoints.ts';
import type { SignedClient } from './signed-client.ts';

/** A call of a service that speaks AWS's JSON protocol: https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
export const jsonCall =
  (client: SignedClient, service: Service, form: { readonly version: '1.0' | '1.1'; readonly target: string }) =>
  async (input: string): Promise<unknown> => {
    const headers = { 'content-type': `application/x-amz-json-${form.version}`, 'x-amz-target': form.target };
    const origin = endpointOf(client.env, service);
    const { body } = await client.send({ service, method: 'POST', origin, path: '/', headers, body: input });
    return JSON.parse(new TextDecoder().decode(body));
  };
