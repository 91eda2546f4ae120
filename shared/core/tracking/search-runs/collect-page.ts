import { InvalidRequestError } from '../../../kernel/errors.ts';
import type { Run } from '../run.ts';
import { runValue } from '../run-fields.ts';
import { comparePositions, type Position, positionOf } from '../search/order.ts';
import type { OrderBy } from '../search.ts';
import type { CandidateChunk, CandidateSource } from './candidate-source.ts';
import type { RunIndexReads } from './run-index-reads.ts';

const READ_SLICE = 200;
const MIN_BATCH = 10;
const MAX_BATCH = 1_250;

export interface PageRequest {
  readonly index: RunIndexReads;
  readonly order: readonly OrderBy[];
  readonly accepts: (run: Run) => boolean;
  readonly maxResults: number;
  /** Where the page before ended. */
  readonly after: Position | undefined;
  /** Runs that no source may give, since their entries are not kept: they are merged in. */
  readonly hotRuns: readonly Run[];
  /** True when time is short. */
  readonly deadline: () => boolean;
  /** Called once for each run of the page in its order; false ends the page before that run. */
  readonly fits: (run: Run) => boolean;
  /** Once more runs than these were read, `narrow` is asked for a source with fewer; below 0 it is asked at once. */
  readonly narrowAfter: number;
  /** @param after Where the new source begins. */
  readonly narrow: (after: Position | undefined) => Promise<CandidateSource | undefined>;
}

export interface Page {
  readonly runs: readonly Run[];
  /** Where the next page begins; absent at the end. */
  readonly next?: Position;
}

interface Row {
  readonly run: Run;
  readonly position: Position;
}

interface Progress {
  readonly rows: Row[];
  hot: readonly Row[];
  /** Whatever stands up to here is in `rows`. */
  covered: Position | undefined;
  /** A run was found that the page has no room for. */
  full: boolean;
  readCount: number;
}

const emit = ({ maxResults, fits }: PageRequest, progress: Progress, row: Row): void => {
  if (progress.full) return;
  const hasRoom = progress.rows.length < maxResults && (fits(row.run) || progress.rows.length === 0);
  if (hasRoom) progress.rows.push(row);
  else progress.full = true;
};

/** Gives out the hot runs that stand before a position, or all. */
const emitHot = (request: PageRequest, progress: Progress, before?: Position): void => {
  let count = 0;
  for (const row of progress.hot) {
    if (before !== undefined && comparePositions(request.order, row.position, before) > 0) break;
    emit(request, progress, row);
    count += 1;
  }
  progress.hot = progress.hot.slice(count);
};

const rowOf = (order: readonly OrderBy[], run: Run): Row => ({ run, position: positionOf(order, runValue, run) });

const byPosition =
  (order: readonly OrderBy[]) =>
  (a: Row, b: Row): number =>
    comparePositions(order, a.position, b.position);

const later = (order: readonly OrderBy[], a: Position | undefined, b: Position): Position =>
  a === undefined || comparePositions(order, a, b) < 0 ? b : a;

interface ReadChunk {
  /** Accepted and not covered yet, in order; no more than the page can take and one. */
  readonly rows: readonly Row[];
  readonly covers: Position | undefined;
}

/** Reads the runs of a chunk in slices, so that a large group does not stand in memory whole. */
const readChunk = async (request: PageRequest, progress: Progress, chunk: CandidateChunk): Promise<ReadChunk> => {
  const { index, order, accepts, maxResults, hotRuns } = request;
  const hotIds = new Set(hotRuns.map(({ info }) => info.runId));
  const holds = new Map<string, (run: Run) => boolean>();
  for (const candidate of chunk.candidates) {
    const known = holds.get(candidate.runId);
    holds.set(candidate.runId, known ? (run) => known(run) || candidate.holds(run) : candidate.holds);
  }
  const runIds = [...holds.keys()].filter((runId) => !hotIds.has(runId));
  let rows: readonly Row[] = [];
  let covers = chunk.covers;
  for (let from = 0; from < runIds.length; from += READ_SLICE) {
    const runs = await index.readRuns(runIds.slice(from, from + READ_SLICE));
    progress.readCount += runs.length;
    const held = runs.filter((run) => holds.get(run.info.runId)?.(run)).map((run) => rowOf(order, run));
    for (const { position } of held) if (chunk.covers === undefined) covers = later(order, covers, position);
    const { covered } = progress;
    const fresh = held.filter(
      ({ run, position }) => accepts(run) && (covered === undefined || comparePositions(order, position, covered) > 0),
    );
    rows = [...rows, ...fresh].sort(byPosition(order)).slice(0, maxResults + 1);
  }
  return { rows, covers };
};

const takeChunk = async (request: PageRequest, progress: Progress, chunk: CandidateChunk): Promise<void> => {
  const { rows, covers } = await readChunk(request, progress, chunk);
  for (const row of rows) {
    emitHot(request, progress, row.position);
    emit(request, progress, row);
  }
  if (covers === undefined || progress.full) return;
  progress.covered = later(request.order, progress.covered, covers);
  emitHot(request, progress, progress.covered);
};

/** A little over what the page needs at the rate so far: of every run that was read, so many were accepted. */
const batchSize = ({ maxResults }: PageRequest, { rows, readCount }: Progress): number => {
  const needed = (maxResults + 1 - rows.length) * 1.1;
  const wanted = rows.length === 0 ? Math.max(needed, readCount) : needed * Math.max(1, readCount / rows.length);
  return Math.min(MAX_BATCH, Math.max(MIN_BATCH, Math.ceil(wanted)));
};

/** Ends the page: nothing is left, or it goes on after what is covered. */
const pageOf = ({ rows, full, covered }: Progress, ended: boolean): Page => {
  const runs = rows.map(({ run }) => run);
  const next = full ? rows.at(-1)?.position : covered;
  return { runs, ...(ended && !full ? {} : next === undefined ? {} : { next }) };
};

/** The source, until `narrow` gives a better one: after much reading, or where the source's groups are too large. */
const narrowing = (request: PageRequest, progress: Progress, first: CandidateSource): CandidateSource => {
  let source = first;
  let narrowed = false;
  const narrow = async (): Promise<boolean> => {
    narrowed = true;
    const narrower = await request.narrow(progress.covered);
    source = narrower ?? source;
    return narrower !== undefined;
  };
  return {
    next: async (count) => {
      if (!narrowed && progress.readCount > request.narrowAfter) await narrow();
      try {
        return await source.next(count);
      } catch (error) {
        if (narrowed || !(error instanceof InvalidRequestError) || !(await narrow())) throw error;
        return source.next(count);
      }
    },
  };
};

/**
 * Takes runs from a source until the page is full, the source ends, or time is short. A full page of which it is unknown
 * whether more follow reads on once; the last page may then be empty. A page cut by time has what was found so far, and
 * its position is where the reading stopped, so that the next one goes on there even when nothing was found.
 */
export const collectPage = async (request: PageRequest, first: CandidateSource): Promise<Page> => {
  const { order, accepts, after, hotRuns } = request;
  const hot = hotRuns.filter(accepts).map((run) => rowOf(order, run));
  const progress: Progress = {
    rows: [],
    hot: hot
      .filter(({ position }) => after === undefined || comparePositions(order, position, after) > 0)
      .sort(byPosition(order)),
    covered: after,
    full: false,
    readCount: 0,
  };
  const source = narrowing(request, progress, first);
  for (;;) {
    const wasFilled = progress.rows.length === request.maxResults;
    const chunk = await source.next(batchSize(request, progress));
    if (chunk === undefined) {
      emitHot(request, progress);
      return pageOf(progress, true);
    }
    await takeChunk(request, progress, chunk);
    const moved = progress.covered !== after;
    if (progress.full || (moved && (wasFilled || request.deadline()))) return pageOf(progress, false);
  }
};
