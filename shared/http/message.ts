/** A request and a response as our handlers see them, whichever front door they came through. */

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly method: string;
  /** As received, percent-encoded, without the stage and the query. */
  readonly path: string;
  /** The last value of each parameter. */
  readonly query: Readonly<Record<string, string>>;
  /** Every value of each parameter, in order. */
  readonly queryLists: Readonly<Record<string, readonly string[]>>;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Who signed the request (a user's or role's ARN), or whom a Lambda authoriser let through. */
  readonly principal?: string;
  /** What a Lambda authoriser said of the caller besides. */
  readonly authorizer?: Readonly<Record<string, unknown>>;
  readonly requestId: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

export const jsonResponse = (
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(value),
});
