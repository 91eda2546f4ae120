import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface LoopbackRequest {
  readonly port: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Of the machine's time. */
  readonly timeoutMs: number;
}

export type LoopbackAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  /** Nobody listens, or the connection broke. */
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'timed out' };

export interface LoopbackClient {
  send(request: LoopbackRequest): Promise<LoopbackAnswer>;
  close(): void;
}

/** Asks programs on 127.0.0.1, over connections that stay open. Never rejects. */
export const createLoopbackClient = (): LoopbackClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const send: LoopbackClient['send'] = ({ port, method, path, headers, body, timeoutMs }) =>
    new Promise((resolve) => {
      const sent = request({ agent, host: '127.0.0.1', port, method, path, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', (error) => end({ kind: 'broken', reason: error.message }));
        answer.on('end', () =>
          end({
            kind: 'answered',
            status: answer.statusCode ?? 502,
            headers: answer.headers,
            body: Buffer.concat(chunks),
          }),
        );
      });
      const timer = setTimeout(() => {
        end({ kind: 'timed out' });
        sent.destroy();
      }, timeoutMs);
      const end = (answer: LoopbackAnswer): void => {
        clearTimeout(timer);
        resolve(answer);
      };
      sent.on('error', (error) => end({ kind: 'broken', reason: error.message }));
      sent.end(body);
    });
  return { send, close: () => agent.destroy() };
};
