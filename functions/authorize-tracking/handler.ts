import { isTokenLive, isTokenText } from '../../shared/core/tracking-access/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { TrackingTokens } from '../../shared/ports/tracking-tokens.ts';
import { type InvokePolicy, invokePolicy } from './invoke-policy.ts';
import { readCredentials } from './read-credentials.ts';

export interface AuthorizerDeps {
  readonly tokens: Pick<TrackingTokens, 'find'>;
  readonly clock: Clock;
}

/** Of an authoriser of type REQUEST, as far as we read it. */
interface AuthorizerEvent {
  readonly methodArn: string;
  readonly headers?: Readonly<Record<string, string | undefined>> | null;
}

interface AuthorizerAnswer {
  readonly principalId: string;
  readonly policyDocument: InvokePolicy;
  readonly context: Readonly<Record<string, string | number>>;
}

/** API Gateway answers 401 when an authoriser fails with this very message, and keeps no such answer. */
const unauthorized = (): Error => new Error('Unauthorized');

const authorizationOf = ({ headers }: AuthorizerEvent): string => {
  const entry = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization');
  return entry?.[1] ?? '';
};

/**
 * Who may call the tracking API: the holder of a token that is neither expired nor revoked. API Gateway keeps the answer
 * for five minutes for every path, so it covers all that the token may call; what a call needs, the API itself checks.
 */
export const createHandler =
  ({ tokens, clock }: AuthorizerDeps) =>
  async (event: AuthorizerEvent): Promise<AuthorizerAnswer> => {
    const credentials = readCredentials(authorizationOf(event));
    if (credentials === undefined || !isTokenText(credentials.token)) throw unauthorized();
    const token = await tokens.find(credentials.token);
    if (token === undefined || !isTokenLive(token, clock.nowMs())) throw unauthorized();
    const { name, role, workspaces, expiresAtMs } = token;
    if (credentials.user !== undefined && credentials.user !== name) throw unauthorized();
    return {
      principalId: name,
      policyDocument: invokePolicy(event.methodArn, workspaces),
      context: { role, workspaces: workspaces.join(','), ...(expiresAtMs === undefined ? {} : { expiresAtMs }) },
    };
  };
