import { type BatchGet, createOnlineReader } from '../../shared/adapters/dynamodb/online-reader.ts';
import { createBatchGet } from '../../shared/adapters/sigv4/batch-get-items.ts';
import type { SignedClient } from '../../shared/adapters/sigv4/signed-client.ts';
import type { OnlineStore } from '../../shared/ports/online-store.ts';

/** The online features that rows are completed by. */
export const openOnline = (client: SignedClient, table: string): { readonly online: Pick<OnlineStore, 'read'> } => ({
  online: createOnlineReader({ table, batchGet: createBatchGet(client) as BatchGet }),
});
