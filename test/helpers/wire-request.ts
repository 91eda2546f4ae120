import { Readable } from 'node:stream';
import type { LocalService, WireResponse } from '../../infra/local/contracts.ts';

/** A request as the server hands it to a service, for services without an SDK client among the dependencies. */
export const sendWire = (
  service: LocalService,
  request: {
    readonly headers?: Readonly<Record<string, string>>;
    readonly path?: string;
    readonly body: string | Uint8Array;
  },
): Promise<WireResponse> => {
  const body = Buffer.from(request.body);
  return service.handle({
    method: 'POST',
    url: new URL(`http://127.0.0.1${request.path ?? '/'}`),
    headers: request.headers ?? {},
    body: Readable.from([body]),
    readBody: async () => body,
    caller: { arn: 'arn:aws:iam::000000000000:user/local', accessKeyId: 'local' },
    requestId: 'request-1',
  });
};

class WireError extends Error {
  override readonly name = 'WireError';
}

/** Calls an operation of an AWS JSON service. @throws WireError with the error's type in its message */
export const callJson =
  (service: LocalService, targetPrefix: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field, by the tests
  async (operation: string, input: object = {}): Promise<any> => {
    const headers = { 'x-amz-target': `${targetPrefix}.${operation}` };
    const response = await sendWire(service, { headers, body: JSON.stringify(input) });
    const answer = JSON.parse(String(response.body));
    if (response.status >= 400) throw new WireError(`${answer.__type}: ${answer.message}`);
    return answer;
  };
