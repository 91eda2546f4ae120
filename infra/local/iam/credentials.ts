import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { CloudIdentity, StateStore } from '../contracts.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Who signs with them: a role, or the laptop's user. */
  readonly callerArn: string;
  /** Name of the role session, for `assumed-role/<role>/<session>`. */
  readonly sessionName?: string;
  /** Virtual epoch milliseconds; absent for what the platform refreshes before it ends: a function's, a container's. */
  readonly expiresAtMs?: number;
}

/** Of a session that somebody asked for; virtual epoch milliseconds. */
export interface Lifetime {
  readonly fromMs: number;
  readonly expiresAtMs: number;
}

export interface CredentialStore {
  find(accessKeyId: string): Credentials | undefined;
  /** Session credentials of a role: the same role and session name give the same ones, over restarts too. */
  issue(roleArn: string, sessionName: string, lifetime?: Lifetime): Credentials;
}

/** The laptop's user, the account's administrator, as its ARN ends. */
export const LOCAL_USER = 'user/local';
/** The access key and the secret of the laptop's user are both `local`. */
export const LOCAL_USER_KEY = 'local';

const masterSecret = (store: StateStore): string => {
  const secrets = store.table<string>('iam-secrets');
  const existing = secrets.get('master');
  if (existing !== undefined) return existing;
  const created = randomBytes(32).toString('hex');
  secrets.put('master', created);
  return created;
};

export const createCredentialStore = (
  store: StateStore,
  { partition, accountId }: Pick<CloudIdentity, 'partition' | 'accountId'>,
): CredentialStore => {
  const master = masterSecret(store);
  const table = store.table<Credentials>('iam-credentials');
  const known = new Map<string, Credentials>();
  const find = (accessKeyId: string): Credentials | undefined => {
    const found = known.get(accessKeyId) ?? table.get(accessKeyId);
    if (found) known.set(accessKeyId, found);
    return found;
  };
  known.set(LOCAL_USER_KEY, {
    accessKeyId: LOCAL_USER_KEY,
    secretAccessKey: LOCAL_USER_KEY,
    callerArn: `arn:${partition}:iam::${accountId}:${LOCAL_USER}`,
  });

  const issue = (roleArn: string, sessionName: string, lifetime?: Lifetime): Credentials => {
    const session = lifetime === undefined ? '' : `\n${lifetime.fromMs}\n${lifetime.expiresAtMs}`;
    const identity = createHash('sha256').update(`${roleArn}\n${sessionName}${session}`).digest('hex').toUpperCase();
    const accessKeyId = `ASIA${identity.slice(0, 16)}`;
    const existing = find(accessKeyId);
    if (existing) return existing;
    const derive = (purpose: string): string =>
      createHmac('sha256', master).update(`${purpose}:${accessKeyId}`).digest('base64');
    const issued: Credentials = {
      accessKeyId,
      secretAccessKey: derive('secret').slice(0, 40),
      sessionToken: derive('token'),
      callerArn: roleArn,
      sessionName,
      ...(lifetime === undefined ? {} : { expiresAtMs: lifetime.expiresAtMs }),
    };
    table.put(accessKeyId, issued);
    known.set(accessKeyId, issued);
    return issued;
  };

  return { find, issue };
};
