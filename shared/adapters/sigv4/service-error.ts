import type { HttpAnswer } from './exchange.ts';

/** An error that a service answered, in the form of the SDK's, so that callers tell both apart by the same words. */
export class ServiceError extends Error {
  override readonly name: string;
  readonly $fault: 'client' | 'server';
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = code;
    this.$fault = status >= 500 ? 'server' : 'client';
    this.$metadata = { httpStatusCode: status };
  }
}

/** `com.amazonaws.dynamodb.v20120810#ResourceNotFoundException:http://…` → `ResourceNotFoundException`. */
const codeOf = (type: string): string => type.split(':')[0]?.split('#').at(-1) ?? type;

const fromJson = (text: string): { readonly type?: unknown; readonly message?: unknown } => {
  try {
    const { __type, code, message, Message } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return { type: __type ?? code, message: message ?? Message };
  } catch {
    return {};
  }
};

/** What an answer of 300 or above says, by the services' JSON or by S3's XML. */
export const serviceErrorOf = ({ status, headers, body }: HttpAnswer): ServiceError => {
  const text = new TextDecoder().decode(body);
  const header = headers['x-amzn-errortype'];
  const json = fromJson(text);
  const code = header ?? json.type ?? /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ?? `Http${status}`;
  const message = json.message ?? /<Message>([^<]*)<\/Message>/.exec(text)?.[1] ?? `status ${status}`;
  return new ServiceError(codeOf(String(code)), String(message), status);
};
