import type { LoadDesk } from './load-desk.ts';
import { sentError } from './messages.ts';
import type { NamedFolders } from './named-folders.ts';
import type { ThreadHandle } from './thread-handle.ts';
import type { VersionDesk } from './version-desk.ts';

interface Deps {
  readonly threads: readonly ThreadHandle[];
  readonly folders: NamedFolders;
  readonly versions: VersionDesk;
  readonly desk: LoadDesk;
}

/** Takes what requests tell of models: each is loaded before it is listed, and unlisted before it leaves. */
export const hearOfModels = ({ threads, folders, versions, desk }: Deps): void => {
  const http = threads.filter(({ role }) => role === 'http');
  const tellAll = (): void => {
    const models = folders.list();
    for (const thread of http) thread.post({ kind: 'inventory', models });
  };
  const add = async (thread: ThreadHandle, model: string, url: string): Promise<void> => {
    folders.add(model, url);
    try {
      versions.forget(model);
      await desk.require(await versions.describe(model), thread);
      tellAll();
    } catch (error) {
      folders.remove(model);
      throw error;
    }
  };
  const remove = async (model: string): Promise<void> => {
    const described = await versions.describe(model);
    folders.remove(model);
    versions.forget(model);
    tellAll();
    desk.unload(described);
  };

  for (const thread of http) {
    const answer = (id: number, change: Promise<void>): void => {
      change.then(
        () => thread.post({ kind: 'inventory-changed', id }),
        (error: unknown) => thread.post({ kind: 'inventory-changed', id, error: sentError(error) }),
      );
    };
    thread.on('add-model', ({ id, model, url }) => answer(id, add(thread, model, url)));
    thread.on('remove-model', ({ id, model }) => answer(id, remove(model)));
  }
};
