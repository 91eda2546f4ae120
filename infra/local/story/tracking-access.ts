import { newTrackingToken } from '../../../shared/core/tracking-access/index.ts';
import { NotFoundError } from '../../../shared/kernel/errors.ts';
import { openTrackingTokens } from '../../commands/open-tracking-tokens.ts';

/** How an MLflow client reaches the tracking API. */
export interface TrackingAccess {
  readonly url: string;
  readonly token: string;
}

/** The token that a start of the story issues; that of the start before is revoked. */
const NAME = 'story';

/** A writer's token of the default workspace. Its text is told once and kept nowhere, so every start has another. */
export const openTrackingAccess = async (options: {
  readonly stage: string;
  readonly url: string;
  readonly client: Parameters<typeof openTrackingTokens>[1];
  readonly nowMs: number;
}): Promise<TrackingAccess> => {
  const { stage, url, client, nowMs } = options;
  const tokens = await openTrackingTokens(stage, client);
  try {
    await tokens.revoke(NAME, nowMs).catch((error: unknown) => {
      if (!(error instanceof NotFoundError)) throw error;
    });
    const token = newTrackingToken({ name: NAME, workspaces: ['default'], role: 'write', createdAtMs: nowMs });
    return { url, token: await tokens.issue(token) };
  } finally {
    tokens.close();
  }
};
