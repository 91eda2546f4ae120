import { request } from 'node:http';
import { createApiClient, type SendSigned } from '../story/api-client.ts';

/** What the platform API answers to a page's request. */
export interface PageAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Of pages that may run their script. */
  readonly contentPolicy?: string;
  readonly text: string;
}

export interface PageCalls {
  get(pathAndQuery: string): Promise<PageAnswer>;
  close(): void;
}

const sendForText: SendSigned = (url, { method, headers, body }) =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const { 'content-type': contentType = 'text/plain', 'content-security-policy': policy } = incoming.headers;
        const answer: PageAnswer = {
          status: incoming.statusCode ?? 502,
          contentType,
          ...(typeof policy === 'string' ? { contentPolicy: policy } : {}),
          text: Buffer.concat(chunks).toString('utf8'),
        };
        resolve({ status: answer.status, body: answer });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

/** Reads of the platform API, signed for a browser that cannot. */
export const createPageCalls = (options: {
  readonly platformUrl: string;
  readonly region: string;
  readonly key: string;
  readonly nowMs: () => number;
}): PageCalls => {
  const { platformUrl, region, key, nowMs } = options;
  const api = createApiClient({ region, accessKeyId: key, secretAccessKey: key }, nowMs, sendForText);
  return {
    get: async (pathAndQuery) => (await api.call('GET', `${platformUrl}${pathAndQuery}`)).body as PageAnswer,
    close: () => api.close(),
  };
};
