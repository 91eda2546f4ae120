import { expect, it } from 'vitest';
import { readState, writeState } from '../../../../functions/detect-drift/drift-state.ts';
import { createMemoryArtifactStore } from '../../../../shared/adapters/memory/artifact-store.ts';

it('keeps from check to check on which day the first one was', async () => {
  const data = createMemoryArtifactStore();
  const first = await readState(data, 'toy', '2001-02-02');

  await writeState(data, 'toy', '2001-02-02', first);

  expect(first).toEqual({ schemaVersion: 1, days: [], firstCheckDay: '2001-02-03' });
  expect(await readState(data, 'toy', '2001-02-03')).toEqual(first);
  // Asked again for its own day, it is the first again.
  expect(await readState(data, 'toy', '2001-02-02')).toEqual(first);
});

it('reads states from before that was kept', async () => {
  const data = createMemoryArtifactStore();
  await writeState(data, 'toy', '2001-02-02', { schemaVersion: 1, days: [{ day: '2001-02-02', rowCount: 4 }] });

  expect(await readState(data, 'toy', '2001-02-03')).not.toHaveProperty('firstCheckDay');
});
