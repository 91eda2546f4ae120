import type { ServiceContext, TimerHandle } from '../contracts.ts';

/** At most one timer an alarm: the earliest that was asked for. */
export interface AlarmTimers {
  readonly set: (name: string, atMs: number) => void;
  readonly cancel: (name: string) => void;
}

export const createAlarmTimers = ({ clock }: ServiceContext, look: (name: string) => void): AlarmTimers => {
  const timers = new Map<string, { readonly atMs: number; readonly handle: TimerHandle }>();
  const cancel = (name: string): void => {
    timers.get(name)?.handle.cancel();
    timers.delete(name);
  };
  return {
    cancel,
    set: (name, atMs) => {
      if ((timers.get(name)?.atMs ?? Number.POSITIVE_INFINITY) <= atMs) return;
      cancel(name);
      const run = (): void => {
        timers.delete(name);
        look(name);
      };
      timers.set(name, { atMs, handle: clock.at(atMs, `alarm ${name}`, run) });
    },
  };
};
