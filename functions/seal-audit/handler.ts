import { SealAuditInput, sealedHeadKey } from '../../shared/contracts/audit.ts';
import { parse } from '../../shared/contracts/parse.ts';
import type { ChainHead } from '../../shared/core/audit/index.ts';
import { InvalidStateError } from '../../shared/kernel/errors.ts';
import { utcDay } from '../../shared/kernel/time.ts';
import type { ArtifactStore } from '../../shared/ports/artifact-store.ts';
import type { AuditReader, StoredHead } from '../../shared/ports/audit-log.ts';

interface Deps {
  readonly log: Pick<AuditReader, 'listHeads'>;
  /** The bucket whose objects are locked when they are written. */
  readonly seals: Pick<ArtifactStore, 'putIfAbsent'>;
}

const PAGE = 100;
const MOST_PAGES = 1_000;

/**
 * Seals the head of every chain: writes it where nobody can change it before its retention ends. Run again for the
 * same day it leaves what stands.
 * @throws InvalidStateError that names the chains whose heads were tampered with, once all others are sealed.
 */
export const createHandler =
  ({ log, seals }: Deps) =>
  async (event: unknown): Promise<{ readonly sealedCount: number; readonly standingCount: number }> => {
    const day = utcDay(Date.parse(parse(SealAuditInput, event).scheduledAt));
    const seal = async ({ model, seq, hash }: ChainHead): Promise<boolean> => {
      const body = new TextEncoder().encode(JSON.stringify({ day, model, seq, hash }));
      return seals.putIfAbsent(sealedHeadKey(day, model), body, 'application/json');
    };
    let sealedCount = 0;
    let standingCount = 0;
    const malformed: string[] = [];
    const sealPage = async (heads: readonly StoredHead[]): Promise<void> => {
      for (const { model, head } of heads) {
        if (head === 'malformed') malformed.push(model);
        else if (await seal(head)) sealedCount += 1;
        else standingCount += 1;
      }
    };
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const { items, nextCursor } = await log.listHeads(PAGE, cursor);
      await sealPage(items);
      cursor = nextCursor;
      if (cursor === undefined) break;
    }
    if (cursor !== undefined) throw new InvalidStateError(`more than ${PAGE * MOST_PAGES} chains are to be sealed`);
    if (malformed.length === 0) return { sealedCount, standingCount };
    throw new InvalidStateError(
      `audit logs were tampered with, their heads are not sealed: ${malformed.join(', ')}; npm run audit tells more`,
    );
  };
