import { expect, it, vi } from 'vitest';
import type { MlflowCall } from '../../../../functions/tracking-api/mlflow-route.ts';
import { announce } from '../../../../functions/tracking-api/registry-event.ts';
import { createMemoryEventPublisher } from '../../../../shared/adapters/memory/event-publisher.ts';

const callWith = (events: MlflowCall['ports']['events']): MlflowCall =>
  ({ ports: { events }, workspace: 'w', request: { requestId: 'r' } }) as unknown as MlflowCall;
const created = { entity: 'prompt_version', action: 'created' } as const;

it('cuts texts that an event cannot carry', async () => {
  const events = createMemoryEventPublisher();
  const data = { name: 'n', version: '1', template: 'x'.repeat(100_000), tags: { a: 'y'.repeat(60_000) } };

  await announce(callWith(events), { ...created, data });
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, 'y'.repeat(60_000)]));
  await announce(callWith(events), { ...created, data: { ...data, tags: many } });

  const cut = (letter: string): string => `${letter.repeat(10_000)}…`;
  expect(events.published.map(({ detail }) => (detail as { readonly data: object }).data)).toEqual([
    { name: 'n', version: '1', template: cut('x'), tags: { a: cut('y') } },
    { name: 'n', version: '1', template: cut('x') },
  ]);
});

it('lets the change stand that could not be announced, and logs it', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const publish = async (): Promise<void> => {
    throw new Error('bus down');
  };

  await announce(callWith({ publish }), { ...created, data: { name: 'n' } });

  expect(JSON.parse(String(log.mock.calls[0]?.[0]))).toMatchObject({ level: 'WARN', requestId: 'r', workspace: 'w' });
});
