import type { DatabaseSync } from 'node:sqlite';
import type { ObjectEvent } from './records.ts';

/** Events committed with the write that caused them and removed once handed on: a crash in between repeats, never loses. */
export interface EventOutbox {
  add(event: ObjectEvent): void;
  /** Hands every waiting event to `send`, oldest first. */
  flush(send: (event: ObjectEvent) => void): void;
}

export const createEventOutbox = (database: DatabaseSync): EventOutbox => {
  database.exec('CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)');
  const insert = database.prepare('INSERT INTO outbox (event) VALUES (?)');
  const waiting = database.prepare('SELECT id, event FROM outbox ORDER BY id');
  const remove = database.prepare('DELETE FROM outbox WHERE id = ?');
  return {
    add: (event) => void insert.run(JSON.stringify(event)),
    flush: (send) => {
      for (const { id, event } of waiting.all()) {
        send(JSON.parse(String(event)) as ObjectEvent);
        remove.run(id as number);
      }
    },
  };
};
