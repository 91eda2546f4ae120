import { Buffer } from 'node:buffer';

export interface Credentials {
  readonly token: string;
  /** Of Basic alone: it must be the token's name. */
  readonly user?: string;
}

/**
 * A token as MLflow's clients send it: `MLFLOW_TRACKING_TOKEN` comes as Bearer, `MLFLOW_TRACKING_USERNAME` and
 * `MLFLOW_TRACKING_PASSWORD` as Basic.
 * @returns undefined for anything else, a signature of AWS among it.
 */
export const readCredentials = (authorization: string): Credentials | undefined => {
  const [, scheme = '', value = ''] = /^(bearer|basic) +(\S+)$/i.exec(authorization.trim()) ?? [];
  if (scheme === '') return undefined;
  if (scheme.toLowerCase() === 'bearer') return { token: value };
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { user: text.slice(0, colon), token: text.slice(colon + 1) };
};
