import { DAY_MS, HOUR_MS } from '../../kernel/time.ts';
import {
  type Acknowledgement,
  type Heard,
  type NotificationRecord,
  type NotificationTarget,
  type Outcome,
  severer,
  type Telling,
  targetKey,
  wantsToHear,
} from './notification.ts';

/** How an episode goes: pure steps from what stands to what stands then, the same however often they are taken. */

/** Not heard of for so long, it is over, and the next is another episode: checks are daily. */
const QUIET_MS = 3 * DAY_MS;
/** Repeated by daily checks, whose times may move by hours. */
const REPEATED_AFTER_MS = 20 * HOUR_MS;

/** For how long an invocation has what it tells in its hands. */
export interface Lease {
  /** The invocation. */
  readonly holder: string;
  readonly nowMs: number;
  readonly untilMs: number;
}

const isOtherEpisode = (standing: NotificationRecord, heard: Heard): boolean =>
  standing.overAtMs !== undefined ||
  (heard.episode !== undefined && standing.episode !== undefined && heard.episode !== standing.episode) ||
  heard.atMs - standing.heardAtMs > QUIET_MS;

/** An event that came late: of an episode that is over, or of one before this. */
const isLate = (standing: NotificationRecord, { atMs, episode }: Heard): boolean =>
  (standing.overAtMs !== undefined && atMs <= standing.overAtMs) ||
  (atMs < standing.openedAtMs && episode !== undefined && episode !== standing.episode);

const openEpisode = (heard: Heard): NotificationRecord => ({
  ...heard,
  id: `${heard.subject}-${heard.atMs.toString(36)}`,
  openedAtMs: heard.atMs,
  heardAtMs: heard.atMs,
  ...(heard.once === true ? { overAtMs: heard.atMs } : {}),
  tellings: [],
});

const isFree = ({ status, leasedUntilMs = 0 }: Telling, nowMs: number): boolean =>
  status === 'pending' && leasedUntilMs <= nowMs;

/** Whoever wants to hear it and was not told yet, each leased once. */
const claim = (
  record: NotificationRecord,
  targets: readonly NotificationTarget[],
  lease: Lease,
): NotificationRecord => {
  if (record.acknowledged !== undefined) return record;
  const known = new Set(record.tellings.map(({ target }) => target));
  const added = targets
    .filter((target) => wantsToHear(target, record) && !known.has(targetKey(target)))
    .map((target): Telling => ({ target: targetKey(target), round: 1, status: 'pending', attemptCount: 0 }));
  const tellings = [...record.tellings, ...added].map((telling) =>
    isFree(telling, lease.nowMs) ? { ...telling, leasedUntilMs: lease.untilMs, leasedBy: lease.holder } : telling,
  );
  return { ...record, tellings };
};

/** The newest text, but no vague one in the place of one that says more. */
const textOf = (standing: NotificationRecord, heard: Heard): Pick<Heard, 'text' | 'vague'> => {
  const [before, now] = [standing.vague === true, heard.vague === true];
  const isNewer = before === now ? heard.atMs > standing.heardAtMs : before;
  const { text, vague } = isNewer ? heard : standing;
  return { text, ...(vague === undefined ? {} : { vague }) };
};

/**
 * What stands once something was heard: another episode, or the same one that goes on. A target is told of an episode
 * once; one that asks for more severe things only, when it becomes so.
 * @returns undefined for what came too late to matter.
 */
export const hear = (
  standing: NotificationRecord | undefined,
  heard: Heard,
  targets: readonly NotificationTarget[],
  lease: Lease,
): NotificationRecord | undefined => {
  if (standing === undefined) return claim(openEpisode(heard), targets, lease);
  // What happens once is heard again only because its event came twice.
  if (heard.once === true) return claim(standing, targets, lease);
  if (isLate(standing, heard)) return undefined;
  if (isOtherEpisode(standing, heard)) return claim(openEpisode(heard), targets, lease);
  const newer = heard.atMs > standing.heardAtMs ? { heardAtMs: heard.atMs } : {};
  const { day = standing.day, report = standing.report } = heard.atMs > standing.heardAtMs ? heard : standing;
  const { vague: _, ...known } = standing;
  const going: NotificationRecord = {
    ...known,
    ...newer,
    ...textOf(standing, heard),
    ...(day === undefined ? {} : { day }),
    ...(report === undefined ? {} : { report }),
    severity: severer(standing.severity, heard.severity),
  };
  return claim(going, targets, lease);
};

/** The episode is over: nobody is reminded of it any more. */
export const endEpisode = (standing: NotificationRecord, atMs: number): NotificationRecord =>
  standing.overAtMs !== undefined || atMs < standing.heardAtMs ? standing : { ...standing, overAtMs: atMs };

/**
 * What was waited for has come: the episode is over, and says how it came out. Told again, an outcome changes nothing. One
 * from before approvals waited, which was over with its telling, takes its outcome too.
 */
export const settleEpisode = (standing: NotificationRecord, { title, text, atMs }: Outcome): NotificationRecord =>
  standing.title === title || atMs < standing.heardAtMs ? standing : { ...standing, title, text, overAtMs: atMs };

/** Whether whom it was told should be told again: it is severe, goes on, and nobody said that he has seen it. */
const isRepeated = ({ severity, overAtMs, acknowledged }: NotificationRecord): boolean =>
  severity === 'high' && overAtMs === undefined && acknowledged === undefined;

/** Tells again whom it was told a day ago, and whoever could not be reached since. */
export const remind = (
  standing: NotificationRecord,
  targets: readonly NotificationTarget[],
  lease: Lease,
): NotificationRecord => {
  const wanted = new Set(targets.map(targetKey));
  const isDue = ({ target, status, toldAtMs = 0 }: Telling): boolean =>
    status === 'told' && wanted.has(target) && lease.nowMs - toldAtMs >= REPEATED_AFTER_MS;
  const tellings = isRepeated(standing)
    ? standing.tellings.map((telling) =>
        isDue(telling)
          ? { target: telling.target, round: telling.round + 1, status: 'pending' as const, attemptCount: 0 }
          : telling,
      )
    : standing.tellings;
  return claim({ ...standing, tellings }, targets, lease);
};

/** The first acknowledgement stands. What is in an invocation's hands goes out; what waits is not told any more. */
export const acknowledge = (standing: NotificationRecord, acknowledged: Acknowledgement): NotificationRecord => {
  if (standing.acknowledged !== undefined) return standing;
  const tellings = standing.tellings.map((telling) =>
    isFree(telling, acknowledged.atMs) ? { ...telling, status: 'dropped' as const } : telling,
  );
  return { ...standing, acknowledged, tellings };
};

/** How telling one target went. */
export interface ToldResult {
  readonly target: string;
  readonly round: number;
  readonly status: 'pending' | 'told' | 'failed';
  readonly attemptCount: number;
  readonly atMs: number;
  readonly errorMessage?: string;
}

const afterResult = (telling: Telling, { status, attemptCount, atMs, errorMessage }: ToldResult): Telling => {
  const { target, round } = telling;
  return {
    target,
    round,
    status,
    attemptCount,
    ...(status === 'told' ? { toldAtMs: atMs } : {}),
    ...(errorMessage === undefined ? {} : { errorMessage }),
  };
};

/** Notes what became of tellings, whatever else happened to the episode meanwhile, and gives them out of one's hands. */
export const recordTold = (standing: NotificationRecord, results: readonly ToldResult[]): NotificationRecord => ({
  ...standing,
  tellings: standing.tellings.map((telling) => {
    const result = results.find(({ target, round }) => target === telling.target && round === telling.round);
    if (result === undefined || telling.status === 'told') return telling;
    const after = afterResult(telling, result);
    return after.status === 'pending' && standing.acknowledged !== undefined ? { ...after, status: 'dropped' } : after;
  }),
});

/** What this very invocation has in its hands. */
export const leasedTo = (record: NotificationRecord, { holder }: Lease): readonly Telling[] =>
  record.tellings.filter(({ status, leasedBy }) => status === 'pending' && leasedBy === holder);

/** What is pending in another invocation's hands: whoever hears of it again must not take it for told. */
export const leasedElsewhere = (record: NotificationRecord, { holder, nowMs }: Lease): boolean =>
  record.acknowledged === undefined &&
  record.tellings.some(
    ({ status, leasedUntilMs = 0, leasedBy }) => status === 'pending' && leasedUntilMs > nowMs && leasedBy !== holder,
  );
