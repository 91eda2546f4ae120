import { expect, it } from 'vitest';
import { notificationTable, type ShownNotification } from '../../../../infra/commands/notification-table.ts';

const AT_MS = Date.UTC(2001, 1, 18, 6, 0, 7);

const shown = (change: Partial<ShownNotification> = {}): ShownNotification => ({
  id: 'approval-1',
  event: 'approval',
  severity: 'medium',
  title: 'version 1 of toy waits for approval',
  openedAtMs: AT_MS,
  tellings: [{ status: 'told', round: 1 }],
  ...change,
});

const statesOf = (...items: readonly ShownNotification[]) =>
  notificationTable('toy', items)
    .split('\n')
    .slice(1)
    .map((line) => line.split(/ {2,}/).slice(2));

it('tells of each notification since when, who was told and how it stands', () => {
  const title = 'version 1 of toy was approved by ann';

  expect(
    statesOf(shown(), shown({ title, overAtMs: AT_MS }), shown({ once: true, overAtMs: AT_MS, tellings: [] })),
  ).toEqual([
    ['2001-02-18 06:00 UTC', 'version 1 of toy waits for approval', '1 told', 'open'],
    ['2001-02-18 06:00 UTC', title, '1 told', 'over since 2001-02-18 06:00 UTC'],
    ['2001-02-18 06:00 UTC', 'version 1 of toy waits for approval', 'by the alarm’s topic', 'happened'],
  ]);
});

it('does not say that people were told who were not reached', () => {
  const failed = shown({ event: 'rollout', once: true, tellings: [{ status: 'failed', round: 1 }] });

  expect(statesOf(failed)[0]?.slice(2)).toEqual(['1 not reached', 'happened']);
});

it('says who acknowledged it, and that nobody was told anything', () => {
  const acknowledged = { by: 'ann', atMs: AT_MS, note: 'on it' };

  expect(statesOf(shown({ acknowledged }))[0]?.at(-1)).toBe('acknowledged by ann: on it');
  expect(notificationTable('toy', [])).toBe('nobody was told anything of toy yet');
});
