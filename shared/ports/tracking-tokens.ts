import type { TrackingToken } from '../core/tracking-access/index.ts';

/** The tokens of the tracking API. Their texts are not kept: what is lost is issued anew. */
export interface TrackingTokens {
  /** @returns the token's text, known only now. @throws AlreadyExistsError while the name has a token not revoked. */
  issue(token: TrackingToken): Promise<string>;
  /** Of a text; expired and revoked ones too. */
  find(text: string): Promise<TrackingToken | undefined>;
  /** The newest token of each name, by name. */
  list(): Promise<readonly TrackingToken[]>;
  /** For good; again changes nothing. @throws NotFoundError for a name that has none. */
  revoke(name: string, atMs: number): Promise<void>;
}
