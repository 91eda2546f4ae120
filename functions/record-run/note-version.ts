import type { Cause } from '../../shared/contracts/events.ts';
import { notePackaging, PACKAGING_TAG, type Packaging } from '../../shared/core/registry/index.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ModelRegistry } from '../../shared/ports/model-registry.ts';

interface Run {
  readonly model: string;
  readonly runId: string;
  readonly cause: Cause;
}

/** Notes on a client's version how the run that packages it stands; other runs have nothing to note. */
export const createNoteVersion =
  (registry: Pick<ModelRegistry, 'notePackaging'>, clock: Clock) =>
  async ({ model, runId, cause }: Run, found: Pick<Packaging, 'state' | 'reason'>): Promise<void> => {
    if (cause.kind !== 'client-version') return;
    const { version, registeredAtMs } = cause;
    const atMs = clock.nowMs();
    await registry.notePackaging({ model, version, tag: PACKAGING_TAG, atMs }, (standing) =>
      notePackaging(standing, { registeredAtMs, ...found, runId, atMs }),
    );
  };
