import { describe, expect, it } from 'vitest';
import {
  acknowledge,
  endEpisode,
  type Heard,
  hear,
  type Lease,
  leasedElsewhere,
  leasedTo,
  type NotificationRecord,
  type NotificationTarget,
  recordTold,
  remind,
} from '../../../../../shared/core/notifications/index.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../../../shared/kernel/time.ts';
import { fc } from '../../../../helpers/properties.ts';

const START_MS = Date.UTC(2001, 1, 17, 6);
const MAIL: NotificationTarget = { to: 'email', target: 'a@example.com', minSeverity: 'medium' };
const HOOK: NotificationTarget = { to: 'webhook', target: 'https://hook.example.com/x', minSeverity: 'high' };

const drift = (changed: Partial<Heard> = {}): Heard => ({
  model: 'toy',
  event: 'drift',
  subject: 'drift',
  severity: 'medium',
  title: 'toy drifts',
  text: 'by much',
  atMs: START_MS,
  ...changed,
});

const lease = (nowMs: number, holder = `at-${nowMs}`): Lease => ({ holder, nowMs, untilMs: nowMs + MINUTE_MS });
const at = START_MS + 1;

/** Heard, and every claimed target told. */
const hearAndTell = (
  standing: NotificationRecord | undefined,
  heard: Heard,
  targets = [MAIL, HOOK],
  nowMs = heard.atMs + 1,
) => {
  const mine = lease(nowMs);
  const record = hear(standing, heard, targets, mine);
  return record === undefined ? standing : tellAll(record, mine);
};

const tellAll = (record: NotificationRecord, mine: Lease, status: 'told' | 'pending' = 'told') =>
  recordTold(
    record,
    leasedTo(record, mine).map(({ target, round, attemptCount }) => ({
      target,
      round,
      status,
      attemptCount: attemptCount + 1,
      atMs: mine.nowMs,
    })),
  );

const told = (record: NotificationRecord | undefined) =>
  record?.tellings.map(({ target, round, status }) => `${target.split(' ')[0]} ${round} ${status}`);

describe('an episode', () => {
  it('is told once to whoever wants to hear of it, however often it is heard', () => {
    const first = hearAndTell(undefined, drift());
    const again = hearAndTell(first, drift());
    const nextDay = hearAndTell(again, drift({ atMs: START_MS + DAY_MS, text: 'by more' }));

    expect(told(first)).toEqual(['email 1 told']);
    expect(told(nextDay)).toEqual(['email 1 told']);
    expect(nextDay).toMatchObject({ id: first?.id, heardAtMs: START_MS + DAY_MS, text: 'by more' });
  });

  it('is told to those who ask for severe things once it is severe, and to nobody else again', () => {
    const first = hearAndTell(undefined, drift());
    const alarm = hearAndTell(first, drift({ severity: 'high', atMs: START_MS + HOUR_MS }));

    expect(told(alarm)).toEqual(['email 1 told', 'webhook 1 told']);
  });

  it('is another one after it was over, after three days of silence, and where its source says so', () => {
    const first = hearAndTell(undefined, drift()) as NotificationRecord;
    const over = endEpisode(first, START_MS + DAY_MS);
    const later = drift({ atMs: START_MS + 2 * DAY_MS });

    expect(hearAndTell(over, later)?.id).not.toBe(first.id);
    expect(hearAndTell(first, later)?.id).toBe(first.id);
    expect(hearAndTell(first, drift({ atMs: START_MS + 3 * DAY_MS + 1 }))?.id).not.toBe(first.id);
    const tests = hearAndTell(undefined, drift({ subject: 'tests', episode: '2001-02-16' }));
    expect(hearAndTell(tests, drift({ subject: 'tests', episode: '2001-02-17', atMs: at }))?.id).not.toBe(tests?.id);
    expect(hearAndTell(tests, drift({ subject: 'tests', episode: '2001-02-16', atMs: at }))?.id).toBe(tests?.id);
  });

  it('is not begun by an event that comes late', () => {
    const over = endEpisode(hearAndTell(undefined, drift()) as NotificationRecord, START_MS + DAY_MS);
    const newer = hearAndTell(undefined, drift({ episode: '2001-02-18', atMs: START_MS + DAY_MS }));

    expect(hear(over, drift({ atMs: START_MS + HOUR_MS }), [MAIL], lease(at))).toBeUndefined();
    expect(hear(newer, drift({ episode: '2001-02-17' }), [MAIL], lease(at))).toBeUndefined();
  });

  it('of what happens once stays the same, and is over with it', () => {
    const once = drift({ event: 'rollout', subject: 'rollout-r-1', once: true });
    const first = hearAndTell(undefined, once);

    expect(first?.overAtMs).toBe(START_MS);
    expect(hearAndTell(first, { ...once, atMs: START_MS + 9 * DAY_MS })).toEqual(first);
  });

  it('has targets told by one invocation at a time, and by another when that one died', () => {
    const mine = lease(at, 'a');
    const record = hear(undefined, drift(), [MAIL], mine) as NotificationRecord;
    const other = lease(at, 'b');
    const seen = hear(record, drift(), [MAIL], other) as NotificationRecord;
    const late = lease(at + 2 * MINUTE_MS, 'c');

    expect(leasedTo(record, mine)).toHaveLength(1);
    expect(leasedTo(seen, other)).toEqual([]);
    expect(leasedElsewhere(seen, other)).toBe(true);
    expect(leasedTo(hear(seen, drift(), [MAIL], late) as NotificationRecord, late)).toHaveLength(1);
  });

  it('is tried again where somebody could not be reached', () => {
    const mine = lease(at);
    const pending = tellAll(hear(undefined, drift(), [MAIL], mine) as NotificationRecord, mine, 'pending');

    expect(told(pending)).toEqual(['email 1 pending']);
    expect(told(hearAndTell(pending, drift(), [MAIL], at + 1))).toEqual(['email 1 told']);
    expect(pending.tellings[0]?.attemptCount).toBe(1);
  });
});

describe('reminding', () => {
  const severe = hearAndTell(undefined, drift({ severity: 'high' }), [MAIL]) as NotificationRecord;
  const remindAt = (record: NotificationRecord, nowMs: number) => {
    const mine = lease(nowMs);
    return tellAll(remind(record, [MAIL], mine), mine);
  };

  it('repeats what is severe a day later, once a day', () => {
    expect(told(remindAt(severe, START_MS + HOUR_MS))).toEqual(['email 1 told']);
    const second = remindAt(severe, START_MS + DAY_MS);
    expect(told(second)).toEqual(['email 2 told']);
    expect(told(remindAt(second, START_MS + DAY_MS + HOUR_MS))).toEqual(['email 2 told']);
    expect(told(remindAt(second, START_MS + 2 * DAY_MS))).toEqual(['email 3 told']);
  });

  it('leaves alone what is less severe, over, acknowledged, or not to be told there any more', () => {
    const mild = hearAndTell(undefined, drift(), [MAIL]) as NotificationRecord;
    const seen = acknowledge(severe, { by: 'me', atMs: at, note: 'on it' });

    for (const record of [mild, endEpisode(severe, at), seen]) {
      expect(told(remindAt(record, START_MS + DAY_MS))).toEqual(['email 1 told']);
    }
    expect(told(remind(severe, [], lease(START_MS + DAY_MS)))).toEqual(['email 1 told']);
  });
});

describe('an acknowledgement', () => {
  const word = { by: 'me', atMs: at, note: 'on it' };

  it('stands as the first one said it', () => {
    const record = hearAndTell(undefined, drift()) as NotificationRecord;

    const first = acknowledge(record, word);

    expect(acknowledge(first, { ...word, note: 'me too' }).acknowledged).toEqual(word);
  });

  it('lets go out what is being told, and drops what waits', () => {
    const mine = lease(at - 1);
    const sending = hear(undefined, drift(), [MAIL], mine) as NotificationRecord;

    expect(told(tellAll(acknowledge(sending, word), mine))).toEqual(['email 1 told']);
    expect(told(tellAll(acknowledge(sending, word), mine, 'pending'))).toEqual(['email 1 dropped']);
    const waiting = tellAll(sending, mine, 'pending');
    expect(told(acknowledge(waiting, word))).toEqual(['email 1 dropped']);
    expect(told(hearAndTell(acknowledge(waiting, word), drift({ atMs: at + DAY_MS })))).toEqual(['email 1 dropped']);
  });
});

describe('whatever happens, in whatever order', () => {
  type Step = 'hear' | 'alarm' | 'remind' | 'end' | 'acknowledge' | 'die';

  /** What stands after a step; what it claimed is told unless the invocation dies. */
  const take = (record: NotificationRecord | undefined, step: Step, mine: Lease): NotificationRecord | undefined => {
    const { nowMs } = mine;
    const heard = drift({ atMs: nowMs, severity: step === 'alarm' ? 'high' : 'medium' });
    if (step === 'end') return record && endEpisode(record, nowMs);
    if (step === 'acknowledge') return record && acknowledge(record, { by: 'me', atMs: nowMs, note: 'x' });
    if (step === 'remind') return record && remind(record, [MAIL, HOOK], mine);
    return hear(record, heard, [MAIL, HOOK], mine) ?? record;
  };

  interface Sent {
    readonly id: string;
    readonly target: string;
    readonly atMs: number;
    readonly acknowledged: boolean;
  }

  const play = (drawn: readonly { readonly step: Step; readonly hours: number }[]): readonly Sent[] => {
    let nowMs = START_MS;
    let record: NotificationRecord | undefined;
    const sent: Sent[] = [];
    for (const { step, hours } of drawn) {
      nowMs += hours * HOUR_MS + 1;
      const mine = lease(nowMs);
      record = take(record, step, mine);
      if (record === undefined || step === 'die') continue;
      const { id, acknowledged } = record;
      for (const { target } of leasedTo(record, mine))
        sent.push({ id, target, atMs: nowMs, acknowledged: acknowledged !== undefined });
      record = tellAll(record, mine);
    }
    return sent;
  };

  it('nobody is told of one episode twice within a day, and nobody after an acknowledgement', () => {
    const step = fc.constantFrom<Step>('hear', 'alarm', 'remind', 'end', 'acknowledge', 'die');
    const steps = fc.array(fc.record({ step, hours: fc.integer({ min: 0, max: 30 }) }), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (drawn) => {
        const sent = play(drawn);
        const tooSoon = sent.some(({ id, target, atMs }, i) =>
          sent.slice(0, i).some((one) => one.id === id && one.target === target && atMs - one.atMs < 20 * HOUR_MS),
        );
        return !tooSoon && sent.every(({ acknowledged }) => !acknowledged);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what is said of an episode', () => {
  it('is what says most, then the newest, in whichever order it is heard', () => {
    const told = drift({ text: 'PSI 0.31, most in distance', atMs: START_MS });
    const newer = drift({ text: 'PSI 0.36, most in distance', atMs: START_MS + DAY_MS });
    const alarm = drift({ text: 'Threshold Crossed', vague: true, severity: 'high', atMs: START_MS + MINUTE_MS });
    const textAfter = (...heard: readonly Heard[]) =>
      heard.reduce<NotificationRecord | undefined>(
        (standing, one) => hear(standing, one, [MAIL], lease(one.atMs + 1)) ?? standing,
        undefined,
      );

    expect(textAfter(alarm)?.text).toBe('Threshold Crossed');
    for (const order of [
      [told, alarm],
      [alarm, told],
    ]) {
      expect(textAfter(...order)).toMatchObject({ text: told.text, severity: 'high' });
      expect(textAfter(...order)?.vague).toBeUndefined();
    }
    expect(textAfter(told, alarm, newer)?.text).toBe(newer.text);
    expect(textAfter(told, newer, { ...alarm, atMs: START_MS + 2 * DAY_MS })?.text).toBe(newer.text);
  });
});
