import { SQSClient } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../infra/local/story/sha256.ts';
import type { ContractTarget } from './contract-target.ts';

/**
 * A client of an AWS JSON service for which the repository has no SDK package: signed like any other, of the embedded
 * cloud or of AWS. The SDK's own chain finds the credentials.
 */
export interface JsonClient {
  /** @throws JsonError */
  // biome-ignore lint/suspicious/noExplicitAny: answers are asserted on, field by field, by the tests
  call(operation: string, input?: object): Promise<any>;
}

interface JsonService {
  /** In the signature and in the host's name: `kms`. */
  readonly service: string;
  readonly targetPrefix: string;
}

/** An answer of 400 or more; `name` is the error's type. */
class JsonError extends Error {
  override readonly name: string;
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

export const openJsonClient = async (
  { clientConfig }: ContractTarget,
  { service, targetPrefix }: JsonService,
): Promise<JsonClient> => {
  const { config } = new SQSClient(clientConfig);
  const region = await config.region();
  const given = (clientConfig as { readonly endpoint?: string }).endpoint;
  const url = new URL(given ?? `https://${service}.${region}.amazonaws.com/`);
  const signer = new SignatureV4({ service, region, credentials: config.credentials, sha256: Sha256 });
  return {
    call: async (operation, input = {}) => {
      const body = JSON.stringify(input);
      const request = {
        method: 'POST',
        protocol: url.protocol,
        hostname: url.hostname,
        path: '/',
        headers: {
          host: url.host,
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `${targetPrefix}.${operation}`,
        },
        body,
      };
      const signed = await signer.sign(request);
      const { host: _, ...headers } = signed.headers;
      const response = await fetch(url, { method: 'POST', headers, body });
      const text = await response.text();
      const answer = text === '' ? {} : JSON.parse(text);
      if (response.ok) return answer;
      throw new JsonError(String(answer.__type).split('#').at(-1) ?? '', answer.message ?? answer.Message ?? '');
    },
  };
};
