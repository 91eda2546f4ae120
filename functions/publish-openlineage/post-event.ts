import type { RunEvent } from '../../shared/contracts/openlineage.ts';
import { UnavailableError } from '../../shared/kernel/errors.ts';

const TIMEOUT_MS = 10_000;

/** Sends events to a receiver of the stage's own choice. @throws UnavailableError when it does not take one. */
export const createPostEvent =
  (url: string) =>
  async (event: RunEvent): Promise<void> => {
    const request = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    const { origin } = new URL(url);
    const response = await fetch(url, request).catch((cause: unknown) => {
      throw new UnavailableError(`${origin} took no lineage event within ${TIMEOUT_MS} ms`, { cause });
    });
    await response.body?.cancel();
    if (!response.ok) throw new UnavailableError(`${origin} answered a lineage event with ${response.status}`);
  };
